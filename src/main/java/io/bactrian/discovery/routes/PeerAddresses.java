package io.bactrian.discovery.routes;

import io.bactrian.support.thread.NamedThreads;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of other routers by their texts, {@code host:port}. A name is looked up on another thread, as that may take long
 * and whoever sends must not wait, and again after a while, as the router behind a name may have moved. What is known stays
 * while a look-up fails. Its memory is bounded. Thread-safe.
 */
final class PeerAddresses implements AutoCloseable {
    /** A name is looked up again after this time; for a number that is nothing to do. */
    static final long FRESH_MS = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(PeerAddresses.class);
    private static final int ADDRESSES_MAX = 1_000;
    private static final int THREADS = 4;
    private static final int WAITING_MAX = 100;
    private static final int PORT_MAX = 65_535;
    /** Digits and dots, or colons: for these nobody is asked. */
    private static final Pattern LITERAL = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9A-Fa-f:.]+]");

    private final Lookup lookup;
    private final LongSupplier nowMs;
    private final ThreadPoolExecutor threads;
    private final Map<String, Known> known = new LinkedHashMap<>();

    /** The address of a text, null while it was never found; when it was looked up last. */
    private record Known(@Nullable InetSocketAddress address, long lookedUpMs) {}

    /** Finds the address of a host. */
    interface Lookup {
        InetAddress of(String host) throws UnknownHostException;
    }

    PeerAddresses(Lookup lookup, LongSupplier nowMs, NamedThreads named) {
        this.lookup = lookup;
        this.nowMs = nowMs;
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING_MAX),
                task -> named.newThread("bactrian-router-names", task));
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * The address, null as long as it is being looked up.
     *
     * @throws UnknownHostException if the text is no {@code host:port}
     */
    synchronized @Nullable InetSocketAddress of(String text) throws UnknownHostException {
        Known now = known.get(text);
        if (now != null && nowMs.getAsLong() - now.lookedUpMs() < FRESH_MS) {
            return now.address();
        }
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
            throw new UnknownHostException("not host:port");
        }
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port > PORT_MAX) {
            throw new UnknownHostException("not host:port");
        }
        String host = text.substring(0, colon);
        if (isNumber(host)) {
            InetSocketAddress literal = new InetSocketAddress(lookup.of(host), port);
            keep(text, literal);
            return literal;
        }
        InetSocketAddress address = now == null ? null : now.address();
        try {
            threads.execute(() -> lookUp(text, host, port));
            keep(text, address);
        } catch (RejectedExecutionException e) {
            LOG.debug("too many names are being looked up host={}", host);
        }
        return address;
    }

    private void lookUp(String text, String host, int port) {
        try {
            InetSocketAddress found = new InetSocketAddress(lookup.of(host), port);
            synchronized (this) {
                keep(text, found);
            }
        } catch (UnknownHostException e) {
            LOG.debug("no address is known of host={}", host);
        }
    }

    /** Called in the lock. */
    private void keep(String text, @Nullable InetSocketAddress address) {
        if (!known.containsKey(text) && known.size() >= ADDRESSES_MAX) {
            known.remove(known.keySet().iterator().next());
        }
        known.put(text, new Known(address, nowMs.getAsLong()));
    }

    /** True if a host is an IP address, IPv6 in brackets: then nobody needs to be asked where it is. */
    static boolean isNumber(String host) {
        return LITERAL.matcher(host).matches();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
