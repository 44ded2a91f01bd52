package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.JournalException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The active's side of the copy: sends the log on from where the passive stands, as far as its credit goes. Live copying,
 * catching up and sending again are one thing: reading the log from {@code next}.
 */
final class CopySource {
    private record UnderWay(long last, long bytes) {}

    private static final int LONE_MESSAGES = 1_000;

    private final PairSettings settings;
    private final PairLog log;
    private final int epoch;
    private final Deque<UnderWay> underWay = new ArrayDeque<>();
    private long sessions;
    private long session;
    private boolean confirmedOnce;
    private long next;
    private long confirmed;
    private long underWayBytes;
    private int creditBytes;
    /** When the passive has confirmed something new, or this session began. */
    private long progressMs;
    /** When what was under way was sent again last, and how long that waits for a confirmation; 0 if nothing waits. */
    private long resentMs;

    private long resendAfterMs;
    /** Of which position it was told that it cannot be read. */
    private long unreadable;

    private long attachedMs = Long.MIN_VALUE / 2;

    CopySource(PairSettings settings, PairLog log, int epoch) {
        this.settings = settings;
        this.log = log;
        this.epoch = epoch;
    }

    /** The passive is in no session of ours: it is told what its log must become. */
    void attach(PairMessage.State state, long nowMs, Outbox out) {
        LogHistory other = state.log();
        if (nowMs - attachedMs < settings.heartbeatMs() / 2) {
            return; // an answer may be on its way
        }
        attachedMs = nowMs;
        LogHistory own = log.history();
        long common = own.commonEnd(other);
        boolean anew = !own.id().equals(other.id()) || common + 1 < own.first() || common + 1 < other.first();
        if (anew) {
            common = own.first() - 1;
        }
        sessions++;
        session = ((long) epoch << 32) | sessions;
        confirmedOnce = false;
        confirmed = common;
        progressed(nowMs);
        rewind();
        out.toPeer(new PairMessage.Attach(
                session, state.stamp(), epoch, common, anew, own.id(), own.startsUpTo(common + 1)));
    }

    private void progressed(long nowMs) {
        progressMs = nowMs;
        resendAfterMs = 0;
    }

    private void rewind() {
        next = confirmed + 1;
        underWay.clear();
        underWayBytes = 0;
    }

    void detach() {
        session = 0;
        confirmedOnce = false;
    }

    long session() {
        return session;
    }

    boolean isSession(long number) {
        return number != 0 && number == session;
    }

    /** Whether the passive has confirmed anything in this session. */
    boolean attached() {
        return session != 0 && confirmedOnce;
    }

    /** The last position that the passive has on its disk. */
    long confirmed() {
        return confirmed;
    }

    void confirmed(PairMessage.Confirm confirm, long nowMs) {
        if (!isSession(confirm.session())) {
            return;
        }
        confirmedOnce = true;
        creditBytes = Math.min(confirm.creditBytes(), settings.windowBytes());
        // Also what is to be sent again: its confirmation was lost, or is late.
        if (confirm.position() > confirmed && confirm.position() <= log.writtenEnd()) {
            confirmed = confirm.position();
            next = Math.max(next, confirmed + 1);
            progressed(nowMs);
        }
        while (!underWay.isEmpty() && underWay.peek().last() <= confirmed) {
            underWayBytes -= underWay.remove().bytes();
        }
        if (confirm.resend()) {
            rewind();
        }
    }

    /** Whether something has been under way for too long, or could not be sent; asked after {@link #pump}. */
    boolean stalled(long nowMs) {
        return attached() && log.end() > confirmed && nowMs - progressMs >= settings.outAfterMs();
    }

    /** Whether nothing is under way, and little is to be sent. */
    boolean idle() {
        return !attached() || (underWay.isEmpty() && log.writtenEnd() - confirmed <= LONE_MESSAGES);
    }

    /** Whether everything was sent. */
    boolean allSent() {
        return !attached() || next > log.writtenEnd();
    }

    /** Sends what there is and credit allows. */
    void pump(long committed, long nowMs, Outbox out) {
        if (!attached()) {
            return;
        }
        if (underWay.isEmpty() && next > confirmed + 1) {
            next = confirmed + 1;
        }
        resendIfDue(nowMs);
        if (next <= log.writtenEnd() && next < log.first()) {
            detach(); // deleted before it could be sent: the next session begins anew
            return;
        }
        int credit = resendAfterMs == 0 ? creditBytes : Math.min(creditBytes, settings.chunkBytes());
        while (underWayBytes < credit && next <= log.writtenEnd()) {
            int room = (int) Math.min(settings.chunkBytes(), credit - underWayBytes);
            List<Entry> entries = read(next, room, out);
            if (entries.isEmpty()) {
                return;
            }
            if (resendAfterMs == 0 && underWay.isEmpty() && next == confirmed + 1) {
                progressMs = nowMs; // nothing was under way until now
            }
            long bytes = 0;
            for (Entry entry : entries) {
                bytes += 32 + entry.payload().length;
            }
            long last = entries.get(entries.size() - 1).last();
            underWay.add(new UnderWay(last, bytes));
            underWayBytes += bytes;
            next = last + 1;
            out.toPeer(new PairMessage.Copies(session, epoch, committed, entries));
        }
    }

    /**
     * What is not confirmed in time may be lost, or wait in front of a passive that is slow: of that one message goes again, ever less
     * often, and the rest when the passive has confirmed it. So a passive that does not read costs a window and little more.
     */
    private void resendIfDue(long nowMs) {
        long afterMs = resendAfterMs == 0 ? Math.min(settings.deadAfterMs(), settings.outAfterMs() / 2) : resendAfterMs;
        if (!underWay.isEmpty() && nowMs - Math.max(progressMs, resentMs) >= afterMs) {
            resentMs = nowMs;
            resendAfterMs = Math.min(2 * afterMs, settings.outAfterMs());
            rewind();
        }
    }

    /** Empty if nothing can be read there: the peer has to wait until this node's log is repaired. */
    private List<Entry> read(long position, int maxBytes, Outbox out) {
        try {
            return log.read(position, maxBytes);
        } catch (JournalException e) {
            if (unreadable == position) {
                return List.of();
            }
            unreadable = position;
            out.event(new PairEvent(
                    PairEvent.Kind.COPY_FAILED, "position " + position + " is not copied: " + e.getMessage()));
            return List.of();
        }
    }
}
