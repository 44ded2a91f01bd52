package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The routers as a ring, in the order of the hashes of their ids: each sends a heartbeat to the next one, and so is watched by
 * one that knows when to expect it. One datagram a router and interval, with however many routers, shows every death within
 * an interval; pings to routers chosen at random would need several for that.
 *
 * <p>A suspect is passed over, too: the router before it sends to it and to the one after it, which watches the one before.
 */
final class HeartbeatRing {
    private final String self;
    private final long selfHash;
    private final RouterSettings settings;
    private final ClusterState state;
    private final ActionList outbox;
    private List<Content.Router> members = List.of();
    private List<Content.Router> ring = List.of();
    private List<Content.Router> next = List.of();
    private @Nullable String watched;
    private long heardMs;
    private long nextBeatMs;

    HeartbeatRing(String self, RouterSettings settings, ClusterState state, ActionList outbox) {
        this.self = self;
        this.settings = settings;
        this.state = state;
        this.outbox = outbox;
        selfHash = Hashes.of(self);
    }

    /** Sends the heartbeat that is due, and sees who is to be watched. */
    void tick(long nowMs) {
        follow(nowMs);
        if (nowMs >= nextBeatMs) {
            nextBeatMs = nowMs + settings.beatIntervalMs();
            for (Content.Router router : next) {
                outbox.send(router.gossip(), new RouterMessage.Beat(self));
            }
        }
    }

    private void follow(long nowMs) {
        List<Content.Router> now = state.others();
        if (now.equals(members)) {
            return;
        }
        members = now;
        ring = new ArrayList<>(now);
        // Seen from here: the next one first, whoever has the hash before this one's last.
        ring.sort((a, b) -> Long.compareUnsigned(Hashes.of(a.id()) - selfHash, Hashes.of(b.id()) - selfHash));
        List<Content.Router> after = new ArrayList<>();
        for (Content.Router router : ring) {
            after.add(router);
            if (router.state() == RouterState.ALIVE) {
                break;
            }
        }
        next = after;
        String before = null;
        for (Content.Router router : ring) {
            before = router.state() == RouterState.ALIVE ? router.id() : before;
        }
        if (before == null ? watched != null : !before.equals(watched)) {
            watched = before;
            // It may be that it is dead, too: nobody watched it so far but one that may be.
            heardMs = nowMs - settings.beatIntervalMs();
        }
    }

    /** The router that this one watches; null if there is none. */
    @Nullable String watched() {
        return watched;
    }

    /**
     * The routers before another one in the ring that are not suspect, the nearest first; this router is none of them.
     *
     * @param most how many at most
     */
    List<String> before(String router, int most) {
        List<String> before = new ArrayList<>();
        for (Content.Router one : ring) {
            if (one.id().equals(router)) {
                Collections.reverse(before);
                return before.subList(0, Math.min(most, before.size()));
            }
            if (one.state() == RouterState.ALIVE) {
                before.add(one.id());
            }
        }
        return List.of();
    }

    /** Whoever is heard needs no ping. True if it is the router that this one watches. */
    boolean received(String router, long nowMs) {
        if (!router.equals(watched)) {
            return false;
        }
        heardMs = Math.max(heardMs, nowMs);
        return true;
    }

    /** The watched router is given the benefit of a new beginning. */
    void forgive(long nowMs) {
        heardMs = nowMs;
    }

    /**
     * When the watched router has been silent for too long; later if this router is slow itself.
     *
     * @param slowness how many times longer it is waited for, at least 1
     */
    long silentAtMs(int slowness) {
        return watched == null
                ? Long.MAX_VALUE
                : heardMs + settings.beatIntervalMs() + (long) settings.probeTimeoutMs() * slowness;
    }

    long nextBeatMs() {
        return nextBeatMs;
    }
}
