package io.bactrian.zeromq.socket;

import io.bactrian.support.text.RateLimitedLog;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what goes wrong with the peers of a socket, within the bounds of {@link RateLimitedLog}. Any thread. */
final class PeerErrorLog {
    private static final Logger LOG = LoggerFactory.getLogger(PeerErrorLog.class);
    private static final int PEER_BYTES_SHOWN = 32;

    private final String socket;
    private final RateLimitedLog limit;

    PeerErrorLog(String socket, LongSupplier nanoClock) {
        this.socket = socket;
        limit = new RateLimitedLog(() -> TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong()));
    }

    /** Returns whether it was logged. */
    boolean report(String cause, byte @Nullable [] peer) {
        return report(cause, peer == null ? "-" : hex(peer));
    }

    static String hex(byte[] peer) {
        return HexFormat.of().formatHex(peer, 0, Math.min(peer.length, PEER_BYTES_SHOWN));
    }

    boolean report(String cause, String peer) {
        long left = limit.admit(cause, peer);
        if (left >= 0) {
            LOG.warn("{} socket={} peer={} suppressed={}", cause, socket, peer, left);
        }
        return left >= 0;
    }
}
