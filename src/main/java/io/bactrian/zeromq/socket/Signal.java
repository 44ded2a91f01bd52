package io.bactrian.zeromq.socket;

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
    /** ZeroMQ has ended the last sleep, and no work was found since. */
    private boolean futile;

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

    /** Owner: there was work, so ZeroMQ did not end the last sleep in vain. */
    void worked() {
        futile = false;
    }

    /**
     * Owner: sleeps up to a time.
     *
     * <p>JeroMQ makes a socket readable first and counts the signal afterwards, and until then says that there is
     * nothing. If its thread loses the processor in between, which it does to the very thread that it wakes, this one
     * would select and look in vain until its time slice is over. So it lets the other go on.
     */
    void sleep(long timeoutMs) throws IOException {
        if (futile) {
            Spin.yieldOnce();
        }
        selector.select(timeoutMs);
        futile = !selector.selectedKeys().isEmpty();
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
