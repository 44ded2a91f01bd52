package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import java.util.ArrayList;
import java.util.List;

/** The passive's side of the copy: makes its log a beginning of the active's, appends what comes, and confirms. */
final class CopyTarget {
    private final PairSettings settings;
    private final PairLog log;
    private final Replica replica;
    private long session;
    private long stamp;
    private long resendFor;
    private long resendMs;

    /** {@code firstStamp} is greater than those of former lives. */
    CopyTarget(PairSettings settings, PairLog log, Replica replica, long firstStamp) {
        this.stamp = firstStamp;
        this.settings = settings;
        this.log = log;
        this.replica = replica;
    }

    /** The session in which copies come, 0 if in none. */
    long session() {
        return session;
    }

    /** The epoch of the active from which copies come, 0 if from none. */
    int epoch() {
        return (int) (session >>> 32);
    }

    void detach() {
        session = 0;
        stamp++;
    }

    /** Tells apart what this log was at different times. */
    long stamp() {
        return stamp;
    }

    void attach(PairMessage.Attach attach, Outbox out) {
        if (attach.session() <= session || attach.stamp() != stamp) {
            return; // it rests on what this log was once
        }
        stamp++;
        LogHistory own = log.history();
        boolean changes = attach.anew() || attach.common() < own.end();
        if (attach.anew()) {
            log.beginAnew(attach.id(), attach.common() + 1, attach.epochStarts())
                    .ifPresent(aside -> moved(own, attach.common(), aside, out));
        } else if (attach.common() < own.end() || !attach.epochStarts().equals(own.epochStarts())) {
            log.cutAbove(attach.common(), attach.epochStarts())
                    .ifPresent(aside -> moved(own, attach.common(), aside, out));
        }
        if (changes) {
            replica.rebuild();
        }
        session = attach.session();
        resendFor = 0;
        confirm(false, out);
    }

    private static void moved(LogHistory own, long common, String aside, Outbox out) {
        String what = own.end() > common
                ? "positions " + (common + 1) + " to " + own.end() + " were accepted here alone"
                : "positions " + own.first() + " to " + own.end() + " end before the oldest that the active keeps";
        out.event(new PairEvent(PairEvent.Kind.MOVED_ASIDE, what + " and are now in " + aside));
    }

    /** Appends what follows the end of the log; what is there already is skipped, and a gap is asked for. */
    void copies(PairMessage.Copies copies, long nowMs, Outbox out) {
        if (copies.session() != session || session == 0) {
            return;
        }
        long end = log.end();
        List<Entry> fresh = new ArrayList<>();
        for (Entry entry : copies.entries()) {
            if (entry.last() > end) {
                fresh.add(entry);
            }
        }
        if (fresh.isEmpty()) {
            confirm(false, out);
            return;
        }
        if (fresh.get(0).position() != end + 1) {
            if (resendFor != end + 1 || nowMs - resendMs >= settings.heartbeatMs()) {
                resendFor = end + 1;
                resendMs = nowMs;
                confirm(true, out);
            }
            return;
        }
        stamp++;
        log.appendCopies(fresh);
        replica.copied(fresh);
        confirm(false, out);
    }

    private void confirm(boolean resend, Outbox out) {
        out.toPeer(new PairMessage.Confirm(session, log.end(), settings.windowBytes(), resend));
    }
}
