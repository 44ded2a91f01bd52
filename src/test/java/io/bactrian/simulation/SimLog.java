package io.bactrian.simulation;

import io.bactrian.journal.log.Entry;
import io.bactrian.pubsub.core.HubLog;
import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;

/**
 * The hub's log. What is synced survives a crash, of the rest any beginning does; what is committed and not synced, as
 * with {@code sync=interval}, survives the end of the process, but not a power cut. A few entries make a segment. All but
 * the newest few are on the disk only, and must be fetched.
 */
final class SimLog implements HubLog {
    private static final int SEGMENT_ENTRIES = 6;
    private static final int MEMORY_ENTRIES = 5;
    private static final int PIECES_MAX = 3;

    private final World world;
    private final Flaw flaw;
    /** Is told what the hub logs itself. */
    private final Consumer<Batch> ofTheHub;

    private final List<Entry> entries = new ArrayList<>();
    /** The first positions of all segments that are kept, the last of which is open. */
    private final List<Long> segmentStarts = new ArrayList<>(List.of(1L));

    private final List<Long> epochStarts = new ArrayList<>(List.of(1L));
    private long written;
    private long committed;
    private long synced;
    /** What was fetched, by the position from which on. */
    private final LinkedHashMap<Long, List<Entry>> pieces = new LinkedHashMap<>();

    private Runnable fetched = () -> {};
    /** Whether all but the newest must be fetched; with a flaw that has nothing to do with it, it only takes time. */
    private final boolean far;

    private boolean certain = true;
    private boolean held;

    SimLog(World world, Flaw flaw, Consumer<Batch> ofTheHub) {
        this.world = world;
        this.ofTheHub = ofTheHub;
        this.flaw = flaw;
        far = flaw == Flaw.NONE || flaw == Flaw.PIECES_KEPT_OVER_A_CUT;
    }

    /**
     * Writes a batch, and returns its first position; it can be read once it is committed. No segment begins within what is
     * written between two commits.
     */
    long append(Batch batch) {
        long start = segmentStarts.get(segmentStarts.size() - 1);
        if (written == committed && entries.size() - indexOf(start) >= SEGMENT_ENTRIES) {
            segmentStarts.add(written + 1);
        }
        entries.add(new Entry(written + 1, batch.count(), 1, world.nowMs(), batch.bytes()));
        written += batch.count();
        return written - batch.count() + 1;
    }

    @Override
    public long appendControl(Batch batch) {
        // An append is whole: this one comes before what is being written.
        List<Batch> later = uncommitted();
        rollback();
        append(batch);
        commit();
        force();
        later.forEach(this::append);
        ofTheHub.accept(batch);
        return committed;
    }

    /** What is written can be read from now on. */
    void commit() {
        committed = written;
    }

    /** What is written and not committed is as if it had not come. */
    void rollback() {
        cutTo(committed);
    }

    @Override
    public void sync() {
        if (flaw != Flaw.CHECKPOINT_AHEAD) {
            synced = committed;
        }
    }

    /** What is appended is synced. */
    void force() {
        synced = committed;
    }

    long synced() {
        return synced;
    }

    /** The last position of an entry that is drawn, from a position on: a copy of the log as it was then may be put back. */
    long olderEnd(long from) {
        List<Long> ends =
                entries.stream().map(Entry::last).filter(last -> last >= from).toList();
        return ends.isEmpty() ? committed : ends.get(world.draw(ends.size()));
    }

    /** How many entries begin above a position. */
    int above(long position) {
        return entries.size() - indexOf(position + 1);
    }

    /** Throws away the entries above a position, all but the first {@code survivors}. */
    void crash(long floor, int survivors) {
        int keep = indexOf(floor + 1) + survivors;
        cutTo(keep == 0 ? Math.min(floor, first() - 1) : entries.get(keep - 1).last());
        committed = written;
        synced = written;
        // An older copy knows nothing of the epochs that came after it: they hold nothing.
        epochStarts.replaceAll(
                start -> flaw == Flaw.EPOCH_NOT_RAISED && start > 1 ? start : Math.min(start, written + 1));
    }

    private void cutTo(long end) {
        if (flaw != Flaw.PIECES_KEPT_OVER_A_CUT) {
            pieces.clear();
        }
        while (!entries.isEmpty() && entries.get(entries.size() - 1).position() > end) {
            written = entries.remove(entries.size() - 1).position() - 1;
        }
        while (segmentStarts.size() > 1 && segmentStarts.get(segmentStarts.size() - 1) > written + 1) {
            segmentStarts.remove(segmentStarts.size() - 1);
        }
    }

    @Override
    public void raiseEpoch(int epoch) {
        while (epochStarts.size() < epoch) {
            // Of an epoch that has not ended nobody can tell which positions are others by now.
            epochStarts.add(flaw == Flaw.EPOCH_NOT_RAISED ? Long.MAX_VALUE - 1 : committed + 1);
        }
    }

    @Override
    public boolean isEndCertain() {
        return certain;
    }

    @Override
    public void opened() {
        certain = false;
    }

    @Override
    public void closed() {
        force();
        certain = true;
    }

    @Override
    public long identity() {
        return 1;
    }

    @Override
    public int life() {
        return 0;
    }

    @Override
    public boolean purgesAreHeld() {
        return held;
    }

    @Override
    public void holdPurges() {
        held = true;
    }

    @Override
    public List<LogSegment> segments() {
        List<LogSegment> segments = new ArrayList<>();
        for (int i = 0; i < segmentStarts.size(); i++) {
            long first = segmentStarts.get(i);
            boolean closed = i + 1 < segmentStarts.size();
            long last = closed ? segmentStarts.get(i + 1) - 1 : committed;
            long bytes = entries.stream()
                    .filter(e -> e.position() >= first && e.last() <= last)
                    .mapToLong(e -> e.payload().length)
                    .sum();
            segments.add(new LogSegment(first, last, bytes, closed && last <= committed));
        }
        return segments;
    }

    @Override
    public long segmentOf(long position) {
        return segmentStarts.stream()
                .filter(start -> start <= position)
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    @Override
    public void deleteBefore(long position) {
        while (segmentStarts.size() > 1 && segmentStarts.get(1) <= position) {
            segmentStarts.remove(0);
        }
        long first = segmentStarts.get(0);
        entries.removeIf(entry -> entry.last() < first);
    }

    int size() {
        return entries.size();
    }

    Iterable<Entry> all() {
        return List.copyOf(entries);
    }

    /** The batches that are written and not committed. */
    List<Batch> uncommitted() {
        return entries.stream()
                .filter(entry -> entry.last() > committed)
                .map(entry -> Batch.parseTrusted(entry.payload()))
                .toList();
    }

    long written() {
        return written;
    }

    /** The entries from a position on. */
    List<Entry> from(long position) {
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
        return segmentStarts.get(0);
    }

    @Override
    public long end() {
        return committed;
    }

    /** Has {@code then} run whenever something was fetched. */
    void onFetched(Runnable then) {
        fetched = then;
    }

    @Override
    public long recent() {
        return !far || entries.isEmpty()
                ? 0
                : entries.get(Math.max(0, entries.size() - MEMORY_ENTRIES)).position();
    }

    @Override
    public boolean fetch(long position) {
        if (position >= recent() || pieces.containsKey(position)) {
            return true;
        }
        world.in(1, () -> {
            if (indexOf(position) < entries.size()) {
                pieces.put(position, readFromDisk(position, 1000));
                pieces.keySet().removeIf(at -> pieces.size() > PIECES_MAX);
            }
            fetched.run();
        });
        return false;
    }

    @Override
    public List<Entry> read(long position, int bytesMax) {
        List<Entry> piece = position >= recent() ? null : pieces.get(position);
        return piece == null ? readFromDisk(position, bytesMax) : piece;
    }

    private List<Entry> readFromDisk(long position, int bytesMax) {
        List<Entry> read = new ArrayList<>();
        int bytes = 0;
        for (int i = indexOf(position); i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.last() > committed || (!read.isEmpty() && bytes + entry.payload().length > bytesMax)) {
                break;
            }
            read.add(entry);
            bytes += entry.payload().length;
        }
        return read;
    }
}
