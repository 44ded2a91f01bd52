/** ZeroMQ sockets, each owned by one thread. The only user of {@code org.zeromq}. */
@NullMarked
package io.bactrian.zeromq.socket;

import org.jspecify.annotations.NullMarked;
