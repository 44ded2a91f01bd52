package io.bactrian.pubsub.core;

import io.bactrian.pubsub.core.LastProcessed.MessageSource;
import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The last sequence of each source, under each epoch of its publisher, that is processed and stored, so that what a
 * publisher repeats to a log that had lost it is known again. When there are too many, epochs that another one of the
 * same source has followed are forgotten first, then the sources that have been quiet longest.
 */
final class ProcessedSequences {
    private final int most;
    /** Of each source the epoch that was heard last; the one that was quiet longest comes first. */
    private final Map<MessageSource, LastProcessed> bySource = new LinkedHashMap<>();
    /** The other epochs, in the order in which they were followed by another. */
    private final Map<LastProcessed.Key, LastProcessed> followed = new LinkedHashMap<>();
    /** No longer here, and perhaps still stored. */
    private final Set<LastProcessed.Key> forgotten = new LinkedHashSet<>();

    ProcessedSequences(int most, List<LastProcessed> stored) {
        this.most = most;
        stored.forEach(this::processed);
    }

    void processed(LastProcessed last) {
        MessageSource source = last.source();
        LastProcessed before = bySource.remove(source);
        bySource.put(source, last);
        if (before != null && before.epoch() != last.epoch()) {
            followed.put(before.key(), before);
        }
        if (!followed.isEmpty()) {
            followed.remove(last.key());
        }
        if (!forgotten.isEmpty()) {
            forgotten.remove(last.key());
        }
        if (bySource.size() + followed.size() > most) {
            forgetOldest(followed.isEmpty() ? bySource.values() : followed.values());
        }
    }

    private void forgetOldest(Iterable<LastProcessed> from) {
        Iterator<LastProcessed> oldest = from.iterator();
        forgotten.add(oldest.next().key());
        oldest.remove();
    }

    /**
     * How many records of a batch, from the first, were processed in a former log epoch. In one that goes on the
     * positions tell that, and a repeat is one that was asked for.
     */
    int processedBefore(Batch batch, int logEpoch) {
        LastProcessed last = last(new MessageSource(batch.publisher(), batch.topic()), batch.epoch());
        if (last == null || last.logEpoch() >= logEpoch || last.sequence() < batch.sequence()) {
            return 0;
        }
        return (int) Math.min(batch.count(), last.sequence() - batch.sequence() + 1);
    }

    private @Nullable LastProcessed last(MessageSource source, long epoch) {
        LastProcessed last = bySource.get(source);
        return last == null || last.epoch() == epoch ? last : followed.get(new LastProcessed.Key(source, epoch));
    }

    /** What was processed of these topics may come again, as it was asked for. */
    void forget(Predicate<String> topics) {
        List<LastProcessed> wanted = Stream.concat(bySource.values().stream(), followed.values().stream())
                .filter(last -> topics.test(last.source().topic()))
                .toList();
        for (LastProcessed last : wanted) {
            bySource.remove(last.source());
            followed.remove(last.key());
            forgotten.add(last.key());
        }
    }

    /** What is not to be stored any more when these are processed too. */
    List<LastProcessed.Key> forgottenBut(Set<LastProcessed.Key> last) {
        List<LastProcessed.Key> gone = new ArrayList<>(forgotten);
        gone.removeAll(last);
        return gone;
    }

    /** These are stored as forgotten. */
    void stored(CursorChanges changes) {
        changes.forgotten().forEach(forgotten::remove);
    }
}
