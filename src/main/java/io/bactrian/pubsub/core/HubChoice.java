package io.bactrian.pubsub.core;

import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.WireException;
import java.util.function.IntPredicate;

/**
 * Which of several hubs a client uses. It moves on to the next one when the hub in use says that it is not active, when the
 * connection to it is closed while another one stands, and when it is silent. While no hub is active it asks again every
 * 20 ms, after 2 s at longer and longer intervals up to 500 ms, and at once when the hub in use answers as an active one.
 *
 * <p>A hub that is cut off silently, or stopped, is left as soon as another one is active: while an answer is overdue the other
 * hubs are asked whether they are, see {@link #probes}. A hub that is only slow says so by being the only active one.
 *
 * <p>A hub that tells a lower log epoch than another one has told is not used: it was active before that one, and does not know
 * it yet. A hub that tells less than it has told itself was made anew, and is used. So is any hub when the one that told the
 * highest epoch has said for 10 s that it is not active: then both were made anew.
 *
 * <p>{@link #used}, {@link #asked} and {@link #waits} may be called by any thread, the rest by one at a time. Times
 * are milliseconds of any
 * clock that never goes back, above 0.
 */
public final class HubChoice {
    private static final long SILENCE_MS = 3_000;
    private static final long PROBE_AFTER_MS = 150;
    private static final long PROBE_EACH_MS = 50;
    private static final long PROBE_SLOWER_AFTER_MS = 1_000;
    private static final long PROBE_SLOWER_EACH_MS = 250;
    private static final long AGAIN_MIN_MS = 20;
    private static final long AGAIN_MAX_MS = 500;
    /** A takeover takes less: for so long a client asks at a short pace. */
    private static final long TAKEOVER_MS = 2_000;
    /** No takeover takes so long. */
    private static final long FORGET_EPOCH_MS = 10_000;

    /** The next step of a client. */
    public enum Next {
        /** It goes on. */
        NOTHING,
        /** It begins with the hub in use as after a new connection. */
        BEGIN,
        /** Another hub may be in use now; it begins there later. */
        MOVED
    }

    private final int hubs;
    private volatile int used;
    /** Since when something that was sent has had no answer, 0 if nothing has. */
    private volatile long askedMs;
    /** Since when an answer to something that every hub answers is due, 0 if none is. */
    private volatile long waitingMs;

    private long probedMs;

    private long againAtMs;
    private long againMs = AGAIN_MIN_MS;
    /** Since when every hub that was asked has said that it is not active, 0 if one has answered. */
    private long refusedMs;

    /** The highest log epoch that a hub has told, 0 if none has. */
    private int epoch;
    /** The hub that has told it. */
    private int epochOf;
    /** Since when that hub has said that it is not active, 0 if it has not. */
    private long epochRefusedMs;
    /** Answers of hubs with a lower log epoch. */
    private long outdated;

    /** The first of them is used first. */
    public HubChoice(int hubs) {
        this.hubs = hubs;
    }

    /** The number of the hub in use, from 0. */
    public int used() {
        return used;
    }

    /** Something is sent to the hub in use. */
    public void asked(long nowMs) {
        if (askedMs == 0) {
            askedMs = nowMs;
        }
    }

    /** Notes that a frame was sent which an active hub answers at once. */
    public void waits(long nowMs) {
        if (waitingMs == 0) {
            waitingMs = nowMs;
        }
    }

    /** Whether the hubs that are not in use are to be asked now whether they are active. */
    public boolean probes(long nowMs) {
        long sinceMs = waitingMs;
        if (sinceMs == 0 || nowMs < probeAtMs(sinceMs)) {
            return false;
        }
        probedMs = nowMs;
        return true;
    }

    private long probeAtMs(long sinceMs) {
        long eachMs = probedMs - sinceMs < PROBE_SLOWER_AFTER_MS ? PROBE_EACH_MS : PROBE_SLOWER_EACH_MS;
        return Math.max(sinceMs + PROBE_AFTER_MS, probedMs + eachMs);
    }

    /** When {@link #work} and {@link #probes} are to be called at the latest, if nothing comes before; the highest number if never. */
    public long dueMs() {
        if (againAtMs > 0) {
            return againAtMs;
        }
        long sinceMs = waitingMs;
        long silentSinceMs = askedMs;
        return Math.min(
                sinceMs == 0 ? Long.MAX_VALUE : probeAtMs(sinceMs),
                silentSinceMs == 0 ? Long.MAX_VALUE : silentSinceMs + SILENCE_MS + 1);
    }

    /** A hub that is not in use has answered: {@link Next#MOVED} if that is the active one, to which the client moves on. */
    public Next probed(int hub, byte[] frame, long nowMs) {
        boolean asked = waitingMs != 0 && probedMs >= waitingMs;
        if (hub == used || !asked || isNotActive(frame) || isOutdated(hub, frame)) {
            return Next.NOTHING;
        }
        used = hub;
        askedMs = 0;
        waitingMs = 0;
        againAtMs = nowMs;
        return Next.MOVED;
    }

    /** A hub has sent a frame: returns whether it is for the client. */
    public boolean isAnswer(int hub, byte[] frame) {
        if (hub != used) {
            return false; // a late answer of the hub that was left
        }
        if (isNotActive(frame) || isOutdated(hub, frame)) {
            return false;
        }
        told(hub, Commands.logEpochOf(frame));
        askedMs = 0;
        waitingMs = 0;
        againMs = AGAIN_MIN_MS;
        refusedMs = 0;
        if (againAtMs > 0) {
            againAtMs = 1; // it is active by now: the client waits no longer
        }
        return true;
    }

    /** A frame was not for the client: {@link Next#MOVED} if the client moves on because of it. */
    public Next refused(int hub, byte[] frame, long nowMs, IntPredicate connected) {
        // The answers to all that was sent before say so too: once is enough.
        if (hub != used || againAtMs != 0) {
            return Next.NOTHING;
        }
        if (isOutdated(hub, frame)) {
            outdated++;
        } else if (!isNotActive(frame)) {
            return Next.NOTHING;
        } else if (hub == epochOf) {
            forgetEpoch(nowMs);
        }
        if (refusedMs == 0) {
            refusedMs = nowMs;
        }
        moveOn(againMs, nowMs, connected);
        if (nowMs - refusedMs >= TAKEOVER_MS) {
            againMs = Math.min(AGAIN_MAX_MS, 2 * againMs);
        }
        return Next.MOVED;
    }

    /** How often a hub was not used because its log epoch was lower than that of another one. */
    public long outdated() {
        return outdated;
    }

    private boolean isOutdated(int hub, byte[] frame) {
        int told = Commands.logEpochOf(frame);
        return told > 0 && told < epoch && hub != epochOf;
    }

    private void told(int hub, int logEpoch) {
        if (logEpoch > 0) {
            epoch = logEpoch;
            epochOf = hub;
            epochRefusedMs = 0;
        }
    }

    private void forgetEpoch(long nowMs) {
        if (epochRefusedMs == 0) {
            epochRefusedMs = nowMs;
        } else if (nowMs - epochRefusedMs >= FORGET_EPOCH_MS) {
            epoch = 0;
        }
    }

    /** The client is connected to a hub anew. */
    public Next connected(int hub) {
        if (hub != used) {
            return Next.NOTHING;
        }
        againAtMs = 0;
        return Next.BEGIN;
    }

    /** Time has passed, or a connection has come or gone; for the hub in use. */
    public Next work(long nowMs, IntPredicate connected) {
        if (againAtMs > 0) {
            if (nowMs < againAtMs) {
                return Next.NOTHING;
            }
            againAtMs = 0;
            return Next.BEGIN;
        }
        boolean otherStands = false;
        for (int i = 0; i < hubs; i++) {
            otherStands |= i != used && connected.test(i);
        }
        boolean silent = askedMs > 0 && nowMs - askedMs > SILENCE_MS;
        if (otherStands && (silent || !connected.test(used))) {
            moveOn(0, nowMs, connected);
            return Next.MOVED;
        }
        return Next.NOTHING;
    }

    /** Goes on with the next hub that is connected, or with this one after a while if there is none. */
    private void moveOn(long afterMs, long nowMs, IntPredicate connected) {
        int from = used;
        for (int step = 1; step < hubs; step++) {
            int next = (from + step) % hubs;
            if (connected.test(next)) {
                used = next;
                break;
            }
        }
        askedMs = 0;
        waitingMs = 0;
        againAtMs = nowMs + afterMs;
    }

    private static boolean isNotActive(byte[] frame) {
        int code = Commands.codeOf(frame);
        if (code != Command.Refuse.CODE && code != Command.Error.CODE) {
            return false;
        }
        try {
            Command command = Commands.decode(frame);
            return command instanceof Command.Refuse refuse
                    ? refuse.reason() == Code.NOT_ACTIVE
                    : command instanceof Command.Error error && error.reason() == Code.NOT_ACTIVE;
        } catch (WireException e) {
            return false; // the client counts it
        }
    }
}
