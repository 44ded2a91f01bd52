package io.bactrian.simulation;

import io.bactrian.pubsub.core.LogEntry;
import io.bactrian.pubsub.core.LogReader;
import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The hub's log. What is synced survives a crash, of the rest any beginning does; what is committed and not synced, as
 * with {@code sync=interval}, survives the end of the process, but not a power cut.
 */
final class SimLog implements LogReader {
    private final List<LogEntry> entries = new ArrayList<>();
    private final List<Long> epochStarts = new ArrayList<>(List.of(1L));
    private long written;
    private long committed;
    private long synced;

    void append(Batch batch) {
        entries.add(new LogEntry(written + 1, batch.count(), batch.bytes()));
        written += batch.count();
    }

    /** What is written can be read from now on. */
    void commit() {
        committed = written;
    }

    /** What can be read is on the disk. */
    void sync() {
        synced = committed;
    }

    long synced() {
        return synced;
    }

    /** The last position of an entry that is drawn: a copy of the log as it was then may be put back. */
    long olderEnd(World world) {
        return entries.isEmpty()
                ? committed
                : entries.get(world.draw(entries.size())).last();
    }

    /** How many entries begin above a position. */
    int above(long position) {
        return entries.size() - indexOf(position + 1);
    }

    /** Throws away the entries above a position, all but the first {@code survivors}. */
    void crash(long floor, int survivors) {
        int keep = indexOf(floor + 1) + survivors;
        while (entries.size() > keep) {
            written = entries.remove(entries.size() - 1).position() - 1;
        }
        committed = written;
        synced = written;
        // An older copy knows nothing of the epochs that came after it: they hold nothing.
        epochStarts.replaceAll(start -> Math.min(start, written + 1));
    }

    /** What comes from now on belongs to another epoch. */
    void raiseEpoch() {
        epochStarts.add(committed + 1);
    }

    /** The oldest entries, all but the newest, as far as they are synced and fit. */
    List<LogEntry> oldest(Predicate<LogEntry> fits) {
        return entries.stream()
                .limit(Math.max(0, entries.size() - 1))
                .takeWhile(entry -> entry.last() <= synced && fits.test(entry))
                .toList();
    }

    /** Deletes the oldest entries. */
    void purge(int count) {
        entries.subList(0, count).clear();
    }

    int size() {
        return entries.size();
    }

    Iterable<LogEntry> all() {
        return List.copyOf(entries);
    }

    /** The entries from a position on. */
    List<LogEntry> from(long position) {
        return List.copyOf(entries.subList(indexOf(position), entries.size()));
    }

    private int indexOf(long position) {
        int low = 0;
        int high = entries.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries.get(middle).last() < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public int epoch() {
        return epochStarts.size();
    }

    @Override
    public long endOfEpoch(int epoch) {
        return epoch < 1 || epoch >= epoch() ? end() : epochStarts.get(epoch) - 1;
    }

    @Override
    public long first() {
        return entries.isEmpty() ? committed + 1 : entries.get(0).position();
    }

    @Override
    public long end() {
        return committed;
    }

    @Override
    public List<LogEntry> read(long position, int bytesMax) {
        List<LogEntry> read = new ArrayList<>();
        int bytes = 0;
        for (int i = indexOf(position); i < entries.size(); i++) {
            LogEntry entry = entries.get(i);
            if (entry.last() > committed || (!read.isEmpty() && bytes + entry.payload().length > bytesMax)) {
                break;
            }
            read.add(entry);
            bytes += entry.payload().length;
        }
        return read;
    }
}
