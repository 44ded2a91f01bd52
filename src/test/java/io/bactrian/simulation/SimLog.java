package io.bactrian.simulation;

import io.bactrian.delivery.LogEntry;
import io.bactrian.delivery.LogReader;
import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.List;

/** The hub's log: what is synced survives a crash, of the rest any beginning does. */
final class SimLog implements LogReader {
    private final List<LogEntry> entries = new ArrayList<>();
    private long written;
    private long synced;

    void append(Batch batch) {
        entries.add(new LogEntry(written + 1, batch.count(), batch.bytes()));
        written += batch.count();
    }

    void sync() {
        synced = written;
    }

    /** Throws unsynced entries away, all but the first {@code survivors}. */
    void crash(int survivors) {
        int left = survivors;
        while (!entries.isEmpty() && entries.get(entries.size() - 1).position() > synced) {
            if (unsynced() <= left) {
                break;
            }
            entries.remove(entries.size() - 1);
        }
        written = entries.isEmpty()
                ? written - (written - synced)
                : Math.max(synced, entries.get(entries.size() - 1).last());
        synced = written;
    }

    int unsynced() {
        return entries.size() - indexOf(synced + 1);
    }

    void purge(long below) {
        while (entries.size() > 1
                && entries.get(0).last() < below
                && entries.get(0).last() <= synced) {
            entries.remove(0);
        }
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
        return 1;
    }

    @Override
    public long endOfEpoch(int epoch) {
        return end();
    }

    @Override
    public long first() {
        return entries.isEmpty() ? synced + 1 : entries.get(0).position();
    }

    @Override
    public long end() {
        return synced;
    }

    @Override
    public List<LogEntry> read(long position, int bytesMax) {
        List<LogEntry> read = new ArrayList<>();
        int bytes = 0;
        for (int i = indexOf(position); i < entries.size(); i++) {
            LogEntry entry = entries.get(i);
            if (entry.last() > synced || (!read.isEmpty() && bytes + entry.payload().length > bytesMax)) {
                break;
            }
            read.add(entry);
            bytes += entry.payload().length;
        }
        return read;
    }
}
