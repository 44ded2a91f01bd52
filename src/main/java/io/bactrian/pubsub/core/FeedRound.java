package io.bactrian.pubsub.core;

import io.bactrian.journal.log.Entry;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One round of the feed: which parts of the log are read for whom, and what of them each session is sent. The sessions have their
 * turn one after the other, and a round has a bound. Not thread-safe.
 */
public final class FeedRound {
    /** A part of the log that a session is to be fed from; it is read between {@link HubFeed#reads} and {@link HubFeed#plan(List)}. */
    public static final class Read {
        private final FeedSubscriber subscriber;
        private final Session session;
        private final long plan;
        private final long position;
        private final int bytesMax;
        private List<Entry> entries = List.of();
        private @Nullable RuntimeException failure;
        private boolean postponed;

        private Read(FeedSubscriber subscriber, Session session, int bytesMax) {
            this.subscriber = subscriber;
            this.session = session;
            this.plan = session.plan();
            this.position = session.fed() + 1;
            this.bytesMax = bytesMax;
        }

        /** Reads it, if nobody has to wait for the disk; a failure is kept, and tells on this subscriber only. */
        public void from(LogReader log) {
            try {
                postponed = !log.fetch(position);
                entries = postponed ? List.of() : log.read(position, bytesMax);
            } catch (RuntimeException e) {
                failure = e;
            }
        }

        private boolean isStale() {
            return subscriber.session() != session || session.plan() != plan || session.fed() + 1 != position;
        }
    }

    private record Planned(FeedSubscriber subscriber, Session session, long plan, long fedBefore) {}

    /** How many subscribers' shares of the log a round holds at most; the others have their turn in the next. */
    private static final int SHARES_MAX = 32;

    private final LogReader log;
    private final HubRegistry registry;
    private final Collection<FeedSubscriber> attached;
    private final FeedAnswers answers;
    private final List<Planned> unsettled = new ArrayList<>();
    private int turn;
    private boolean more;
    private @Nullable RuntimeException unreadable;

    /** @param attached the subscribers that have a session, as they are at any time */
    FeedRound(LogReader log, HubRegistry registry, Collection<FeedSubscriber> attached, FeedAnswers answers) {
        this.log = log;
        this.registry = registry;
        this.attached = attached;
        this.answers = answers;
    }

    /** What a former round has planned and not settled is planned again. */
    void begin() {
        for (Planned planned : unsettled) {
            if (planned.session().plan() == planned.plan()) {
                planned.session().planAgainFrom(planned.fedBefore());
            }
        }
        unsettled.clear();
    }

    /** What was planned and not delivered was held back on purpose; true if another round would find something to read. */
    boolean settle() {
        unsettled.clear();
        return more;
    }

    /** Why the log could not be read for a subscriber in this round, null if it could for all. */
    @Nullable RuntimeException unreadable() {
        return unreadable;
    }

    /** Which parts of the log are to be read. */
    List<Read> reads(int bytesMax) {
        more = false;
        unreadable = null;
        List<Read> reads = new ArrayList<>();
        List<FeedSubscriber> all = List.copyOf(attached);
        long left = (long) SHARES_MAX * bytesMax;
        int looked = 0;
        while (looked < all.size() && left > 0) {
            FeedSubscriber subscriber = all.get((turn + looked) % all.size());
            looked++;
            Session session = subscriber.session();
            if (session != null && session.announced() && session.fed() < log.end()) {
                int bytes = bytesToRead(subscriber, session, bytesMax);
                if (bytes > 0) {
                    reads.add(new Read(subscriber, session, bytes));
                    left -= bytes;
                }
            }
        }
        more |= looked < all.size();
        turn = all.isEmpty() ? 0 : (turn + looked) % all.size();
        return reads;
    }

    /** How much of the log to read for a subscriber; 0 if it is not its turn, or nothing needs to be read. */
    private int bytesToRead(FeedSubscriber subscriber, Session session, int bytesMax) {
        if (!subscriber.hasPatterns()) {
            session.lookedAt(log.end());
            return 0;
        }
        long credit = session.credit();
        if (credit <= 0) {
            return 0;
        }
        long deletedTo = log.firstReadable() - 1;
        if (session.fed() < deletedTo && subscriber.isPassedOver(deletedTo)) {
            session.lookedAt(deletedTo);
        } else if (session.fed() < deletedTo) {
            answers.lost(session, log.epoch(), session.previous() + 1, deletedTo, Cause.EXPIRED);
            session.feedFrom(deletedTo);
            return 0;
        }
        return (int) Math.min(bytesMax, credit);
    }

    /** What can be sent of what was read. What has changed meanwhile is read again. */
    List<Delivery> plan(List<Read> reads) {
        List<Delivery> deliveries = new ArrayList<>();
        Map<Long, Batch> parsed = new HashMap<>();
        Map<Long, Batch> bare = new HashMap<>();
        for (Read read : reads) {
            if (read.isStale() || read.position < log.firstReadable()) {
                more = true;
            } else if (read.postponed) {
                // Another round follows when it is there; the others need not wait for that.
                read.session.keepsUp(false);
            } else if (read.failure != null) {
                unsettled.add(new Planned(read.subscriber, read.session, read.plan, read.session.fed()));
                unreadable = read.failure;
                tellDamage(read);
            } else {
                read.session.unreadableFrom(0);
                unsettled.add(new Planned(read.subscriber, read.session, read.plan, read.session.fed()));
                plan(read, parsed, bare, deliveries);
            }
        }
        return deliveries;
    }

    /** Says once that nothing comes until the log is repaired. */
    private void tellDamage(Read read) {
        Session session = read.session;
        if (read.failure instanceof LogDamagedException damage && session.unreadableFrom() != damage.position()) {
            session.unreadableFrom(damage.position());
            String text = "the hub's log is damaged at position " + damage.position()
                    + " or after it, and nothing more is delivered until its operator repairs it: see 'bactrian journal"
                    + " repair'";
            answers.tell(session, new Command.Error(session.number(), 0, Code.DAMAGED, text));
        }
    }

    /** Tells that positions are lost; false if the subscriber would not have wanted any topic there. */
    private boolean tellGap(FeedSubscriber subscriber, Session session, Entry gap) {
        long from = subscriber.firstWanted(Math.max(gap.position(), session.fed() + 1), gap.last());
        if (from > gap.last()) {
            return false;
        }
        if (from - 1 > session.previous()) {
            // So that the range begins here, and not after the last message of this subscriber.
            Command.End end = new Command.End(session.number(), log.epoch(), session.previous(), from - 1);
            answers.tell(session, end);
        }
        answers.lost(session, log.epoch(), from, gap.last(), Cause.DAMAGED);
        if (!subscriber.isEphemeral() && subscriber.isDamageNews(gap.last())) {
            registry.damaged(subscriber.id(), from, gap.last());
        }
        session.feedFrom(gap.last());
        return true;
    }

    private void plan(Read read, Map<Long, Batch> parsed, Map<Long, Batch> bare, List<Delivery> deliveries) {
        Session session = read.session;
        long credit = session.credit();
        boolean none = session.idle();
        int planned = deliveries.size();
        for (Entry entry : read.entries) {
            if (entry.isGap()) {
                // What was planned before it goes first: the loss is told when the next round begins.
                if (deliveries.size() > planned || tellGap(read.subscriber, session, entry)) {
                    more = true;
                    return;
                }
                session.lookedAt(entry.last());
                continue;
            }
            Batch batch = parsed.computeIfAbsent(entry.position(), at -> Batch.parseTrusted(entry.payload()));
            if (!ControlCodec.isControl(batch.topic()) && read.subscriber.covers(batch.topic())) {
                Batch sent = session.wantsHeaders() || !batch.hasHeaders()
                        ? batch
                        : bare.computeIfAbsent(entry.position(), at -> batch.withoutHeaders());
                int bytes = sent.bytes().length;
                if (!none && bytes > credit) {
                    return;
                }
                int before = deliveries.size();
                slice(read.subscriber, session, entry, sent, deliveries);
                if (deliveries.size() > before) {
                    none = false;
                    credit -= bytes;
                }
            }
            session.lookedAt(entry.last());
        }
        more |= session.fed() < log.end() && credit > 0;
    }

    /** The parts of an entry that this subscriber has not had; nearly always the whole entry or nothing. */
    private static void slice(
            FeedSubscriber subscriber, Session session, Entry entry, Batch batch, List<Delivery> deliveries) {
        long from = Math.max(entry.position(), session.fed() + 1);
        while (from <= entry.last()) {
            long to = subscriber.sameUpTo(batch.topic(), from, entry.last());
            if (subscriber.wants(batch.topic(), from)) {
                byte[] payload = from == entry.position() && to == entry.last()
                        ? batch.bytes()
                        : batch.slice((int) (from - entry.position()), (int) (to - entry.position() + 1))
                                .bytes();
                deliveries.add(new Delivery(
                        subscriber.id(), session.plan(), batch.topic(), from, to, entry.timestampMs(), payload));
            }
            from = to + 1;
        }
    }
}
