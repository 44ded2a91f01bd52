package io.bactrian.pubsub.core;

import io.bactrian.wire.Cause;
import io.bactrian.wire.Command;
import org.jspecify.annotations.Nullable;

/**
 * Where a subscriber that attaches goes on, and which range is gone between there and where it stood.
 *
 * @param keptAfter the log is kept for it after this position
 */
record ResumePoint(int generation, long cursor, long keptAfter, long lostFrom, long lostTo, Cause cause) {
    /** Above every position, and not the last number. */
    static final long NO_END = Long.MAX_VALUE - 1;

    /**
     * Decides where a subscriber goes on.
     *
     * @param reached how far the log had reached in the subscriber's epoch before it lost its end, 0 if it lost nothing
     * @param trusts whether a subscriber that is not known is believed where it stands
     */
    static ResumePoint of(
            Command.Attach attach, @Nullable FeedSubscriber known, LogReader log, long reached, boolean trusts) {
        ResumePoint point = of(attach, known, log, trusts);
        long end = endOfEpoch(attach, log);
        if (reached <= Math.min(end, log.end()) || attach.cursor() >= reached || (known == null && !trusts)) {
            return point;
        }
        // It had not got all that the log has lost: that range, and no other, is lost to it.
        if (point.cause == Cause.CUT) {
            return new ResumePoint(
                    point.generation, point.cursor, point.keptAfter, point.lostTo + 1, reached, Cause.CUT);
        }
        return point.cause == Cause.NONE
                ? new ResumePoint(
                        point.generation,
                        point.cursor,
                        point.keptAfter,
                        Math.min(end, log.end()) + 1,
                        reached,
                        Cause.CUT)
                : point;
    }

    private static ResumePoint of(
            Command.Attach attach, @Nullable FeedSubscriber known, LogReader log, boolean trusts) {
        if (known != null && (attach.generation() < known.generation() || hasLostItsCursor(attach))) {
            return aboveFirst(known.generation(), known.cursor(), known, log);
        }
        boolean ofAnotherLog = attach.logEpoch() > 0 && !log.hasEpoch(attach.logEpoch());
        if (known != null && ofAnotherLog && known.cursor() > 0) {
            // What it had of this log, which was restored, before it had another one.
            return aboveFirst(Math.max(attach.generation(), known.generation()), known.cursor(), known, log);
        }
        long cursor = attach.cursor();
        if (known != null) {
            Session session = known.session();
            if (session != null
                    && session.instance() == attach.instance()
                    && attach.generation() == known.generation()) {
                cursor = Math.max(cursor, known.cursor());
            }
        }
        long kept = Math.min(endOfEpoch(attach, log), log.end());
        if (cursor > kept) {
            return new ResumePoint(attach.generation(), kept, kept, kept + 1, cursor, Cause.CUT);
        }
        // One that has been here before may have a pattern of which it has had nothing yet.
        boolean forgotten = known == null && !ofAnotherLog && (cursor > 0 || attach.logEpoch() > 0);
        if (forgotten && !trusts && cursor < log.end()) {
            return new ResumePoint(attach.generation(), cursor, cursor, cursor + 1, log.end(), Cause.EXPIRED);
        }
        return aboveFirst(attach.generation(), cursor, known, log);
    }

    /**
     * It has never attached as far as it knows. What it had acknowledged was processed and saved, so it goes on after that,
     * however it has lost its cursor.
     */
    private static boolean hasLostItsCursor(Command.Attach attach) {
        return attach.logEpoch() == 0 && attach.cursor() == 0;
    }

    /** The last position of the log epoch of which a subscriber speaks; no bound if that is the present one. */
    static long endOfEpoch(Command.Attach attach, LogReader log) {
        return attach.logEpoch() > 0 && attach.logEpoch() < log.epoch() ? log.endOfEpoch(attach.logEpoch()) : NO_END;
    }

    /** A subscriber that is new to the hub, or has never had a pattern, stands at 0: so it knows that nothing was delivered. */
    private static boolean hasHadNothing(long cursor, @Nullable FeedSubscriber known) {
        return cursor == 0 && (known == null || !known.hasPatterns());
    }

    /** What a subscriber that is known had not processed is kept for it, unless a full topic made it give that up. */
    private static Cause causeOf(int generation, long cursor, @Nullable FeedSubscriber known) {
        return known == null || known.wasBeyond(generation, cursor) ? Cause.PURGED : Cause.EXPIRED;
    }

    private static ResumePoint aboveFirst(int generation, long cursor, @Nullable FeedSubscriber known, LogReader log) {
        long before = Math.min(log.first() - 1, log.end());
        if (cursor >= before || hasHadNothing(cursor, known)) {
            return new ResumePoint(generation, cursor, cursor, 0, 0, Cause.NONE);
        }
        long wanted = known == null
                ? Long.MAX_VALUE
                : known.subscriptions().stream()
                        .filter(s -> !s.ended())
                        .mapToLong(DurableSubscription::start)
                        .min()
                        .orElse(Long.MAX_VALUE);
        long from = Math.max(cursor + 1, wanted);
        if (from > before) {
            return new ResumePoint(generation, before, before, 0, 0, Cause.NONE);
        }
        boolean nothingWasThere = known != null
                && known.generation() == generation
                && known.cursor() < from
                && known.isPassedOver(before);
        // The subscriber stands at the end of what is deleted when it has said so: this answer may get lost.
        return nothingWasThere
                ? new ResumePoint(generation, before, from - 1, 0, 0, Cause.NONE)
                : new ResumePoint(generation, before, from - 1, from, before, causeOf(generation, cursor, known));
    }
}
