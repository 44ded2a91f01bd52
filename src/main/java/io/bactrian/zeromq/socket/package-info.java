/** ZeroMQ sockets, each owned by one thread. The only user of {@code org.zeromq}; what JeroMQ keeps private is in {@code jeromq}. */
@NullMarked
package io.bactrian.zeromq.socket;

import org.jspecify.annotations.NullMarked;
