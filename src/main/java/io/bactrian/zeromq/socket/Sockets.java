package io.bactrian.zeromq.socket;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sockets of one context by type and address, shared by all who ask for the same. A socket is opened
 * for the first user and closed after the last. Any thread.
 */
public final class Sockets<M extends SocketMessage> {
    private final SocketContext context;
    private final MessageFactory<M> factory;
    private final SocketListener listener;
    private final Map<String, SocketThread<M>> open = new HashMap<>();

    public Sockets(SocketContext context, MessageFactory<M> factory, SocketListener listener) {
        this.context = context;
        this.factory = factory;
        this.listener = listener;
    }

    /**
     * Gives access to the socket of these settings, opening it if need be. Returns when it is bound.
     *
     * @throws IOException if it cannot be bound, or there are too many sockets or open files
     * @throws IllegalArgumentException if it is open with other settings; the message names them
     */
    public synchronized SharedSocket<M> acquire(SocketSettings settings) throws IOException, InterruptedException {
        SocketThread<M> thread = open.get(settings.key());
        if (thread == null) {
            Descriptors.require(settings.key());
            thread = new SocketThread<>(context, settings, factory, listener);
            thread.start();
            open.put(settings.key(), thread);
            listener.opened(thread);
        } else {
            List<String> differences = thread.settings().differences(settings);
            if (!differences.isEmpty()) {
                throw new IllegalArgumentException("endpoints of one socket must agree in its options, but for "
                        + settings.key() + " there are: " + String.join("; ", differences)
                        + " (set socketName to have two sockets)");
            }
        }
        thread.use(1);
        return new SharedSocket<>(this, thread);
    }

    synchronized void release(SocketThread<M> thread) throws InterruptedException {
        if (thread.use(-1) == 0 && open.remove(thread.settings().key(), thread)) {
            thread.stop();
            listener.closed(thread);
        }
    }

    /** The real addresses of the socket with a key, or an empty list if it is not open or connects. */
    public synchronized List<String> boundAddresses(String key) {
        SocketThread<M> thread = open.get(key);
        return thread == null ? List.of() : thread.boundAddresses();
    }

    /** All open sockets. */
    public synchronized List<SocketView> views() {
        return List.copyOf(open.values());
    }

    /** Closes all sockets, also those in use. */
    public synchronized void closeAll() throws InterruptedException {
        for (SocketThread<M> thread : open.values()) {
            thread.stop();
            listener.closed(thread);
        }
        open.clear();
    }
}
