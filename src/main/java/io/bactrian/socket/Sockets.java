package io.bactrian.socket;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sockets of one context by type and address, shared by all who ask for the same. A socket is opened
 * for the first user and closed after the last. Any thread.
 */
public final class Sockets<M extends Message> {
    private final SocketContext context;
    private final MessageFactory<M> factory;
    private final Map<String, Shared<M>> open = new HashMap<>();

    private static final class Shared<M extends Message> {
        final SocketThread<M> thread;
        int users;

        Shared(SocketThread<M> thread) {
            this.thread = thread;
        }
    }

    public Sockets(SocketContext context, MessageFactory<M> factory) {
        this.context = context;
        this.factory = factory;
    }

    /**
     * Gives access to the socket of these settings, opening it if need be. Returns when it is bound.
     *
     * @throws IOException if it cannot be bound
     * @throws IllegalArgumentException if it is open with other settings; the message names them
     */
    public synchronized SharedSocket<M> acquire(SocketSettings settings) throws IOException, InterruptedException {
        Shared<M> shared = open.get(settings.key());
        if (shared == null) {
            shared = new Shared<>(new SocketThread<>(context, settings, factory));
            shared.thread.start();
            open.put(settings.key(), shared);
        } else {
            List<String> differences = shared.thread.settings().differences(settings);
            if (!differences.isEmpty()) {
                throw new IllegalArgumentException("endpoints of one socket must agree in its options, but for "
                        + settings.key() + " there are: " + String.join("; ", differences)
                        + " (set socketName to have two sockets)");
            }
        }
        shared.users++;
        return new SharedSocket<>(this, shared.thread);
    }

    synchronized void release(SocketThread<M> thread) throws InterruptedException {
        Shared<M> shared = open.get(thread.settings().key());
        if (shared != null && shared.thread == thread && --shared.users == 0) {
            open.remove(thread.settings().key());
            thread.stop();
        }
    }

    /** The real addresses of the socket with a key, or an empty list if it is not open or connects. */
    public synchronized List<String> boundAddresses(String key) {
        Shared<M> shared = open.get(key);
        return shared == null ? List.of() : shared.thread.boundAddresses();
    }

    /** All open sockets, for those who report on them. */
    public synchronized List<SocketStatus> status() {
        return open.values().stream()
                .map(shared -> SocketStatus.of(shared.thread, shared.users))
                .toList();
    }

    /** Closes all sockets, also those in use. */
    public synchronized void closeAll() throws InterruptedException {
        for (Shared<M> shared : open.values()) {
            shared.thread.stop();
        }
        open.clear();
    }
}
