/**
 * Measures Bactrian against something simpler that runs in the same minutes: the component and publish/subscribe against
 * raw JeroMQ loops, the journal against a bare file. A ratio holds on another machine, a rate does not.
 */
@NullMarked
package io.bactrian.app.bench;

import org.jspecify.annotations.NullMarked;
