package io.bactrian.socket;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;

/**
 * Where the owner of a socket sleeps: until ZeroMQ signals the socket, or somebody wakes it. To lose no
 * wake-up the owner arms the signal, then looks whether there is work, and only then sleeps.
 */
final class Signal {
    private static final Logger LOG = LoggerFactory.getLogger(Signal.class);

    private final Selector selector;
    private final AtomicBoolean armed = new AtomicBoolean();
    private @Nullable SelectionKey key;

    Signal() throws IOException {
        selector = Selector.open();
    }

    /** Owner: watches a socket, in place of the one before. */
    void watch(ZMQ.Socket socket) throws IOException {
        unwatch();
        key = socket.getFD().register(selector, SelectionKey.OP_READ);
    }

    /** Owner: watches no socket. To be called before the socket is closed. */
    void unwatch() throws IOException {
        SelectionKey former = key;
        if (former != null) {
            key = null;
            former.cancel();
            selector.selectNow();
        }
    }

    /** Any thread: ends the owner's sleep, if it sleeps or is about to. */
    void wake() {
        if (armed.get() && armed.compareAndSet(true, false)) {
            selector.wakeup();
        }
    }

    /** Owner: from now on a wake-up counts. */
    void arm() {
        armed.set(true);
    }

    /** Owner: there is work, so it does not sleep. */
    void disarm() {
        armed.set(false);
    }

    /** Owner: sleeps up to a time. */
    void sleep(long timeoutMs) throws IOException {
        selector.select(timeoutMs);
        selector.selectedKeys().clear();
        armed.set(false);
    }

    void close() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.warn("selector could not be closed", e);
        }
    }
}
