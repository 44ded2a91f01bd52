package io.bactrian.delivery;

import io.bactrian.delivery.LastProcessed.Source;
import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The last sequence of each source that is processed and stored, so that what a publisher repeats to a log that had lost
 * it is known again. Those that have been quiet longest are forgotten when there are too many.
 */
final class ProcessedSequences {
    private final int most;
    /** The one that was quiet longest comes first. */
    private final Map<Source, LastProcessed> bySource = new LinkedHashMap<>();
    /** No longer here, and perhaps still stored. */
    private final Set<Source> forgotten = new LinkedHashSet<>();

    ProcessedSequences(int most, List<LastProcessed> stored) {
        this.most = most;
        stored.forEach(this::processed);
    }

    void processed(LastProcessed last) {
        Source source = last.source();
        bySource.remove(source);
        bySource.put(source, last);
        if (!forgotten.isEmpty()) {
            forgotten.remove(source);
        }
        if (bySource.size() > most) {
            Iterator<Source> quiet = bySource.keySet().iterator();
            forgotten.add(quiet.next());
            quiet.remove();
        }
    }

    /**
     * How many records of a batch, from the first, were processed in a former log epoch. In one that goes on the
     * positions tell that, and a repeat is one that was asked for.
     */
    int processedBefore(Batch batch, int logEpoch) {
        LastProcessed last = bySource.get(new Source(batch.publisher(), batch.topic()));
        if (last == null
                || last.logEpoch() >= logEpoch
                || last.epoch() != batch.epoch()
                || last.sequence() < batch.sequence()) {
            return 0;
        }
        return (int) Math.min(batch.count(), last.sequence() - batch.sequence() + 1);
    }

    /** What was processed of these topics may come again, as it was asked for. */
    void forget(Predicate<String> topics) {
        List<Source> wanted = bySource.keySet().stream()
                .filter(source -> topics.test(source.topic()))
                .toList();
        wanted.forEach(bySource::remove);
        forgotten.addAll(wanted);
    }

    /** What is not to be stored any more when these are processed too. */
    List<Source> forgottenBut(Set<Source> last) {
        List<Source> gone = new ArrayList<>(forgotten);
        gone.removeAll(last);
        return gone;
    }

    /** These are stored as forgotten. */
    void stored(CursorChanges changes) {
        changes.forgotten().forEach(forgotten::remove);
    }
}
