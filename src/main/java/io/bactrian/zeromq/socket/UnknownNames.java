package io.bactrian.zeromq.socket;

import io.bactrian.support.thread.NamedThreads;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Addresses to connect to whose host names are not known yet, as while a machine or its network starts. A thread looks them up until each is
 * known, because a look-up may take seconds; it ends when there is nothing left to look up. Any thread.
 */
final class UnknownNames implements AutoCloseable {
    private static final long LOOK_MS = 500;

    private final String socket;
    private final Runnable found;
    private final Set<String> addresses = new LinkedHashSet<>();
    private final NamedThreads threads;
    private @Nullable Thread thread;

    /** @param found is called after an address has become known */
    UnknownNames(String socket, NamedThreads threads, Runnable found) {
        this.socket = socket;
        this.threads = threads;
        this.found = found;
    }

    /** Looks for the host of {@code tcp://host:port}. */
    synchronized void add(String address) {
        addresses.add(address);
        if (thread == null) {
            Thread looking = threads.newThread("bactrian-names-" + socket, this::look);
            thread = looking;
            looking.start();
        }
    }

    synchronized void forget(String address) {
        addresses.remove(address);
    }

    synchronized boolean contains(String address) {
        return addresses.contains(address);
    }

    /** Those that are not known yet. */
    synchronized List<String> all() {
        return List.copyOf(addresses);
    }

    /** The host of an address such as {@code tcp://host:port} or {@code tcp://[::1]:port}. */
    static String host(String address) {
        String host = address.substring(address.indexOf("://") + 3);
        int port = host.lastIndexOf(':');
        return (port < 0 ? host : host.substring(0, port)).replaceAll("[\\[\\]]", "");
    }

    private void look() {
        while (true) {
            for (String address : all()) {
                if (isKnown(host(address))) {
                    forget(address);
                    found.run();
                }
            }
            synchronized (this) {
                if (addresses.isEmpty()) {
                    thread = null;
                    return;
                }
                try {
                    wait(LOOK_MS);
                } catch (InterruptedException e) {
                    // Nobody interrupts this thread but a program that ends all of them.
                    thread = null;
                    return;
                }
            }
        }
    }

    private static boolean isKnown(String host) {
        try {
            return InetAddress.getAllByName(host).length > 0;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Override
    public synchronized void close() {
        addresses.clear();
        notifyAll();
    }
}
