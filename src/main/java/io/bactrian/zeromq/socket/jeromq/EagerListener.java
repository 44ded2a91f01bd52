package io.bactrian.zeromq.socket.jeromq;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import zmq.poll.IPollEvents;

/**
 * Accepts all connections that wait at a listener, up to {@value #AT_ONCE}. JeroMQ 0.7.0 accepts one each time its I/O thread
 * has gone round everything that is ready. On a busy machine rounds are long, so that a thousand peers
 * who connect at once wait for long, lose their patience, and leave connections behind that are accepted in vain before
 * those which they try next. I/O thread of the listener.
 *
 * @param original takes one connection of {@code listener}
 */
record EagerListener(IPollEvents original, SelectableChannel listener) implements IPollEvents {
    /** The others of the I/O thread shall not wait for longer than this takes. */
    static final int AT_ONCE = 64;

    private static final Logger LOG = LoggerFactory.getLogger(EagerListener.class);

    @Override
    public void acceptEvent() {
        original.acceptEvent();
        // Open for no longer than this, as the port of a closed listener is in use for as long as a selector knows it.
        try (Selector waiting = listener.provider().openSelector()) {
            listener.register(waiting, SelectionKey.OP_ACCEPT);
            for (int more = 1; more < AT_ONCE && waiting.selectNow(key -> {}) > 0; more++) {
                original.acceptEvent();
            }
        } catch (IOException e) {
            LOG.debug("the connections that wait are accepted one by one listener={}", listener, e);
        }
    }
}
