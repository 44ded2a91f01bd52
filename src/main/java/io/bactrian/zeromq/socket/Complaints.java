package io.bactrian.zeromq.socket;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what goes wrong with a peer, at most once a minute for each peer and cause. It remembers a bounded
 * number of peers; the oldest is forgotten first. Any thread.
 */
final class Complaints {
    private static final Logger LOG = LoggerFactory.getLogger(Complaints.class);
    private static final long INTERVAL_NANOS = 60_000_000_000L;
    private static final int PEERS_MAX = 1_000;
    private static final int PEER_BYTES_SHOWN = 32;

    private final String socket;
    private final LongSupplier nanoClock;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private static final class Entry {
        long loggedAt;
        long suppressed;
    }

    Complaints(String socket, LongSupplier nanoClock) {
        this.socket = socket;
        this.nanoClock = nanoClock;
    }

    /** Returns whether it was logged. */
    boolean complain(String cause, byte @Nullable [] peer) {
        return complain(cause, peer == null ? "-" : hex(peer));
    }

    static String hex(byte[] peer) {
        return HexFormat.of().formatHex(peer, 0, Math.min(peer.length, PEER_BYTES_SHOWN));
    }

    synchronized boolean complain(String cause, String peer) {
        long now = nanoClock.getAsLong();
        String key = cause + '\n' + peer;
        Entry entry = entries.get(key);
        if (entry != null && now - entry.loggedAt < INTERVAL_NANOS) {
            entry.suppressed++;
            return false;
        }
        LOG.warn("{} socket={} peer={} suppressed={}", cause, socket, peer, entry == null ? 0 : entry.suppressed);
        if (entry == null) {
            entry = new Entry();
            entries.put(key, entry);
            if (entries.size() > PEERS_MAX) {
                entries.remove(entries.keySet().iterator().next());
            }
        }
        entry.loggedAt = now;
        entry.suppressed = 0;
        return true;
    }
}
