package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.SyncMode;
import io.bactrian.pubsub.store.HubState;
import io.bactrian.pubsub.store.SubscriberState;
import io.bactrian.pubsub.store.SubscriptionState;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells at a start whether the log goes on where it was: if its end may be lost, its positions go to other messages. */
final class LogEpoch {
    private static final Logger LOG = LoggerFactory.getLogger(LogEpoch.class);

    private LogEpoch() {}

    /**
     * Begins a new log epoch, durably, if the log may have lost its end; by the epoch cursors can tell.
     *
     * @return whether a new epoch has begun
     * @throws io.bactrian.journal.log.JournalException if the log cannot be written
     */
    static boolean begin(Journal journal, HubState state) throws IOException {
        boolean syncs = journal.settings().sync() == SyncMode.ALWAYS;
        UnsyncedMark mark = UnsyncedMark.in(journal.folder());
        boolean used = journal.end() > 0
                || !state.publishers().isEmpty()
                || !state.subscribers().isEmpty();
        long position = known(state);
        long epoch = state.subscribers().stream()
                .mapToLong(SubscriberState::logEpoch)
                .reduce(state.logEpoch(), Math::max);
        boolean cut = journal.end() < position || journal.epoch() < epoch;
        if (cut) {
            LOG.warn(
                    "the log ends at position={} of epoch={}, but the database knows position={} of epoch={}:"
                            + " the log has lost its end, or belongs to another database",
                    journal.end(),
                    journal.epoch(),
                    position,
                    epoch);
        }
        boolean raised = cut || (used && (!syncs || mark.isSet()));
        if (raised) {
            do {
                journal.raiseEpoch();
            } while (journal.epoch() <= epoch);
        }
        if (syncs) {
            mark.clear();
        } else {
            mark.set();
        }
        return raised;
    }

    /** The last position of which the database says anything. */
    private static long known(HubState state) {
        long position = state.position();
        for (SubscriberState subscriber : state.subscribers()) {
            position = Math.max(position, subscriber.cursor());
        }
        for (SubscriptionState pattern : state.subscriptions()) {
            position = Math.max(position, Math.max(pattern.start() - 1, pattern.doneTo()));
        }
        return position;
    }
}
