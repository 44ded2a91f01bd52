package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.HubFigures;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far durable subscribers are behind, in messages and seconds. The log is read only for cursors that have moved. */
final class SubscriberLags {
    private static final Logger LOG = LoggerFactory.getLogger(SubscriberLags.class);
    private static final double MS = 1_000;

    /**
     * How far a durable subscriber is behind.
     *
     * @param messages positions after its cursor up to the last message, also those of other topics while it is absent
     * @param seconds the age of the first of them; 0 if there is none, NaN if the log cannot say
     */
    record Lag(String subscriber, boolean attached, long messages, double seconds) {}

    /** The next position of a cursor, and when that was logged; empty if it cannot be read. */
    private record Next(long cursor, OptionalLong loggedMs) {}

    private final Journal journal;
    private final Map<String, Next> known = new HashMap<>();

    SubscriberLags(Journal journal) {
        this.journal = journal;
    }

    /** The lags of those that have patterns, by what the hub knows of them, at a time in milliseconds of the epoch. */
    synchronized List<Lag> at(HubFigures figures, long nowMs) {
        Set<String> attached = figures.attached().keySet();
        List<Lag> lags = new ArrayList<>();
        Set<String> present = new HashSet<>();
        for (DurableSubscriber subscriber : figures.subscribers()) {
            if (!subscriber.subscriptions().isEmpty()) {
                present.add(subscriber.id());
                long behind = figures.behind(subscriber);
                double seconds = behind == 0 ? 0 : seconds(subscriber, nowMs);
                lags.add(new Lag(subscriber.id(), attached.contains(subscriber.id()), behind, seconds));
            }
        }
        known.keySet().retainAll(present);
        return lags;
    }

    private double seconds(DurableSubscriber subscriber, long nowMs) {
        Next next = known.get(subscriber.id());
        if (next == null || next.cursor != subscriber.cursor()) {
            next = new Next(subscriber.cursor(), loggedMs(subscriber.cursor() + 1));
            known.put(subscriber.id(), next);
        }
        return next.loggedMs.isPresent() ? Math.max(0, nowMs - next.loggedMs.getAsLong()) / MS : Double.NaN;
    }

    private OptionalLong loggedMs(long position) {
        try {
            List<Entry> entries = journal.read(Math.max(position, journal.first()), 1);
            return entries.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of(Math.abs(entries.get(0).timestampMs()));
        } catch (JournalException e) {
            LOG.debug("no age of position={}: {}", position, e.getMessage());
            return OptionalLong.empty();
        }
    }
}
