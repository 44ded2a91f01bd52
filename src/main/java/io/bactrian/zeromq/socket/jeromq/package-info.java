/**
 * The one place that reaches into JeroMQ's private parts, behind the facade {@link
 * io.bactrian.zeromq.socket.jeromq.JeroMq}. {@code docs/reference/jeromq.md} lists each of these intrusions.
 */
@NullMarked
package io.bactrian.zeromq.socket.jeromq;

import org.jspecify.annotations.NullMarked;
