/**
 * Measures Bactrian against something else that runs in the same minutes: the component and publish/subscribe against raw
 * JeroMQ loops, the journal against a bare file, shipping against rsync, a pair against a hub alone, the discovery against serf,
 * the gateway against haproxy. A ratio holds on another machine, a rate does not.
 */
@NullMarked
package io.bactrian.app.bench;

import org.jspecify.annotations.NullMarked;
