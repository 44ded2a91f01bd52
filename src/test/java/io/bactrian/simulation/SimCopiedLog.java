package io.bactrian.simulation;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.LogRewrite;
import io.bactrian.pair.core.LogHistory;
import io.bactrian.pair.core.PairLog;
import io.bactrian.pair.core.PairStore;
import io.bactrian.pubsub.core.HubLog;
import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The log of a node of a pair, as its hub and as its pair see it, and the file of the highest epoch. What is written can be
 * read when it is synced; of what is not, a power cut leaves any beginning. A few entries make a segment.
 */
final class SimCopiedLog implements PairStore {
    private static final int SEGMENT_ENTRIES = 6;
    private static final int STATE_RECORDS = 4;

    private final World world;
    private final PairFlaw flaw;
    private final String name;
    /** Is told what the hub logs itself. */
    private final Consumer<Batch> ofTheHub;

    private long id;
    private List<Long> starts = new ArrayList<>(List.of(1L));
    private final List<Entry> entries = new ArrayList<>();
    private List<Long> segmentStarts = new ArrayList<>(List.of(1L));
    private final DiskWrites disk;
    private long end;
    private int highest;

    // Of the process.
    /** What the hub has written and is not synced yet; a peer may have a copy of it already. */
    private final List<Entry> writing = new ArrayList<>();

    private long writtenFrom;
    /** With a flaw: the end of what is synced. */
    private long synced;

    private boolean opened;
    private boolean held;
    /** Whether a sync has failed in this epoch. */
    private boolean spent;

    SimCopiedLog(World world, PairFlaw flaw, String name, DiskWrites disk, Consumer<Batch> ofTheHub) {
        this.ofTheHub = ofTheHub;
        this.disk = disk;
        this.world = world;
        this.flaw = flaw;
        this.name = name;
        this.id = 1 + world.draw(1 << 30);
    }

    private static void broken(String what) {
        throw new Broken(what);
    }

    /**
     * The process has ended.
     *
     * @param powerCut whether the machine has too: what the process had written is not all on the disk
     */
    void crash(boolean powerCut) {
        opened = false;
        held = false;
        spent = false;
        int survive = powerCut ? world.draw(writing.size() + 1) : writing.size();
        writing.subList(survive, writing.size()).clear();
        complete();
        writtenFrom = 0;
        if (powerCut && flaw == PairFlaw.COPIES_ARE_NOT_SYNCED && end > synced) {
            truncate(Math.max(synced, first() - 1));
        }
        if (powerCut && flaw == PairFlaw.EPOCH_IS_NOT_DURABLE) {
            highest = 0;
        }
        if (powerCut && (flaw == PairFlaw.EPOCH_IS_NOT_DURABLE || flaw == PairFlaw.COPIES_ARE_NOT_SYNCED)) {
            while (starts.size() > 1 && starts.get(starts.size() - 1) > end) {
                starts.remove(starts.size() - 1);
            }
        }
    }

    /** The application has ended its former life, and is ready for this one. */
    void openNow() {
        opened = true;
    }

    boolean takesAppends() {
        return (opened && !held && !spent) || flaw == PairFlaw.SERVES_WHILE_PASSIVE;
    }

    /** Writes entries of this node, which can be read when they are synced. */
    void write(List<Batch> batches) {
        if (!takesAppends()) {
            throw new JournalException("the log of " + name + " takes no appends");
        }
        endFullSegment();
        for (Batch batch : batches) {
            writing.add(ownAfter(writtenEnd(), batch));
        }
    }

    private Entry ownAfter(long position, Batch batch) {
        return new Entry(position + 1, batch.count(), starts.size(), Math.max(1, world.nowMs()), batch.bytes());
    }

    private long writtenEnd() {
        return writing.isEmpty() ? end : writing.get(writing.size() - 1).last();
    }

    /** The disk does not take what is being written; returns whether there was any. */
    boolean failSync() {
        boolean fails = !writing.isEmpty();
        if (fails) {
            writing.clear();
            spent = flaw != PairFlaw.EPOCH_GOES_ON_AFTER_A_FAILED_SYNC;
        }
        return fails;
    }

    /** Returns when what was written last is on the disk: its first position, 0 if it was nothing. */
    long sync() {
        complete();
        long first = writtenFrom;
        writtenFrom = 0;
        return first;
    }

    /** Whatever else is done with the log waits for what is being written; all of that is in one segment. */
    private void complete() {
        if (!writing.isEmpty()) {
            writtenFrom = end + 1;
            writing.forEach(this::addOwn);
            writing.clear();
        }
    }

    private void addOwn(Entry entry) {
        add(entry);
        synced = end;
    }

    /** Appends what the hub logs itself. */
    private void append(Batch batch) {
        if (!takesAppends()) {
            throw new JournalException("the log of " + name + " takes no appends");
        }
        complete();
        endFullSegment();
        disk.change(() -> addOwn(ownAfter(end, batch)));
    }

    private void endFullSegment() {
        long start = segmentStarts.get(segmentStarts.size() - 1);
        if (entries.size() - indexOf(start) >= SEGMENT_ENTRIES) {
            segmentStarts.add(end + 1);
        }
    }

    private void add(Entry entry) {
        entries.add(entry);
        end = entry.last();
    }

    private void truncate(long position) {
        while (!entries.isEmpty() && entries.get(entries.size() - 1).last() > position) {
            Entry gone = entries.remove(entries.size() - 1);
            if (gone.position() <= position) {
                broken(name + " is cut at " + position + " within " + gone);
            }
        }
        end = position;
        synced = Math.min(synced, end);
        while (segmentStarts.size() > 1 && segmentStarts.get(segmentStarts.size() - 1) > end + 1) {
            segmentStarts.remove(segmentStarts.size() - 1);
        }
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

    long first() {
        return segmentStarts.get(0);
    }

    long end() {
        return end;
    }

    /** The entries from the one that holds a position on. */
    List<Entry> from(long position) {
        return List.copyOf(entries.subList(indexOf(position), entries.size()));
    }

    private List<Entry> read(long position, int bytesMax) {
        if (position < first()) {
            throw new JournalException("position " + position + " of " + name + " is deleted up to " + first());
        }
        List<Entry> read = new ArrayList<>();
        int bytes = 0;
        for (int i = indexOf(position); i < entries.size(); i++) {
            int more = entries.get(i).payload().length;
            if (!read.isEmpty() && bytes + more > bytesMax) {
                break;
            }
            read.add(entries.get(i));
            bytes += more;
        }
        return read;
    }

    private void raise(int epoch) {
        if (epoch <= starts.size()) {
            broken("epoch " + epoch + " of " + name + " does not rise above " + starts.size());
        }
        while (starts.size() < epoch) {
            starts.add(end + 1);
        }
        spent = false;
    }

    @Override
    public int highestEpoch() {
        return highest;
    }

    @Override
    public void keepHighestEpoch(int epoch) {
        disk.change(() -> highest = epoch);
    }

    PairLog ofPair() {
        return new OfPair();
    }

    HubLog ofHub() {
        return new OfHub();
    }

    private final class OfPair implements PairLog {
        @Override
        public LogHistory history() {
            return new LogHistory(Long.toHexString(id), first(), end(), starts);
        }

        @Override
        public long end() {
            return end;
        }

        @Override
        public long writtenEnd() {
            return SimCopiedLog.this.writtenEnd();
        }

        @Override
        public boolean isEpochSpent() {
            return spent;
        }

        @Override
        public long first() {
            return SimCopiedLog.this.first();
        }

        @Override
        public List<Entry> read(long position, int maxBytes) {
            return position <= end
                    ? SimCopiedLog.this.read(position, maxBytes)
                    : writing.stream()
                            .filter(entry -> entry.last() >= position)
                            .limit(3)
                            .toList();
        }

        /** This disk gives all that it has. */
        @Override
        public List<Entry> salvage(long position, int maxBytes) {
            return read(position, maxBytes);
        }

        @Override
        public void appendCopies(List<Entry> copies) {
            complete();
            endFullSegment();
            for (Entry copy : copies.subList(0, disk.done(copies.size()))) {
                if (copy.position() != end + 1 || copy.epoch() < starts.size()) {
                    broken("copy of " + copy + " does not follow " + end + " of " + name + " with epochs " + starts);
                }
                while (starts.size() < copy.epoch()) {
                    starts.add(copy.position());
                }
                add(copy);
            }
            if (flaw != PairFlaw.COPIES_ARE_NOT_SYNCED || world.chance(0.3)) {
                synced = end;
            }
            disk.ended();
        }

        @Override
        public Optional<String> cutAbove(long position, List<Long> epochStarts) {
            complete();
            if (position < first() - 1 || position > end) {
                broken(name + " cannot be cut above " + position + ": it holds " + first() + " to " + end);
            }
            check(epochStarts, position + 1);
            boolean moves = end > position;
            disk.change(() -> {
                truncate(position);
                starts = new ArrayList<>(epochStarts);
            });
            return moves ? Optional.of("aside") : Optional.empty();
        }

        @Override
        public Optional<String> beginAnew(String newId, long first, List<Long> epochStarts) {
            complete();
            check(epochStarts, first);
            boolean moves = end >= first();
            disk.change(() -> {
                entries.clear();
                segmentStarts = new ArrayList<>(List.of(first));
                end = first - 1;
                synced = end;
                id = Long.parseUnsignedLong(newId, 16);
                starts = new ArrayList<>(epochStarts);
            });
            return moves ? Optional.of("aside") : Optional.empty();
        }

        private void check(List<Long> epochStarts, long next) {
            long former = 1;
            for (long start : epochStarts) {
                if (start < former || start > next) {
                    broken("epochs " + epochStarts + " do not rise to " + next);
                }
                former = start;
            }
            if (epochStarts.isEmpty() || epochStarts.get(0) != 1) {
                broken("epochs " + epochStarts + " do not begin with 1");
            }
        }

        @Override
        public OptionalLong damagedSegment() {
            return OptionalLong.empty(); // PairSimulation damages logs
        }

        @Override
        public LogRewrite rewrite(long first) {
            throw new IllegalStateException("nothing is damaged at position " + first);
        }

        @Override
        public void raiseEpoch(int epoch) {
            complete();
            disk.change(() -> raise(epoch));
        }

        @Override
        public void open(boolean appendable) {
            held = false;
            if (!appendable) {
                complete();
                opened = false;
            } // otherwise the hub says when
        }

        @Override
        public void hold(boolean now) {
            complete();
            held = now;
        }
    }

    private final class OfHub implements HubLog {
        @Override
        public long identity() {
            return id;
        }

        @Override
        public int life() {
            return 0;
        }

        @Override
        public List<LogSegment> segments() {
            List<LogSegment> segments = new ArrayList<>();
            for (int i = 0; i < segmentStarts.size(); i++) {
                long first = segmentStarts.get(i);
                boolean closed = i + 1 < segmentStarts.size();
                long last = closed ? segmentStarts.get(i + 1) - 1 : end;
                long bytes = entries.subList(indexOf(first), indexOf(last + 1)).stream()
                        .mapToLong(e -> e.payload().length)
                        .sum();
                segments.add(new LogSegment(first, last, bytes, closed));
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
        public long appendControl(Batch batch) {
            if (flaw == PairFlaw.STATE_IS_NOT_SAID_AGAIN && batch.count() > STATE_RECORDS) {
                SimCopiedLog.this.append(batch.slice(0, 1));
                return end;
            }
            SimCopiedLog.this.append(batch);
            ofTheHub.accept(batch);
            return end;
        }

        @Override
        public void sync() {}

        @Override
        public void raiseEpoch(int epoch) {
            broken("the hub of a pair begins epoch " + epoch + " by itself");
        }

        @Override
        public void deleteBefore(long position) {
            disk.change(() -> {
                while (segmentStarts.size() > 1 && segmentStarts.get(1) <= position) {
                    segmentStarts.remove(0);
                }
                entries.subList(0, indexOf(first())).clear();
            });
        }

        @Override
        public boolean isEndCertain() {
            return false;
        }

        @Override
        public void opened() {}

        @Override
        public boolean purgesAreHeld() {
            return false;
        }

        @Override
        public void holdPurges() {
            broken(name + " takes its database for new");
        }

        @Override
        public void closed() {}

        @Override
        public int epoch() {
            return starts.size();
        }

        @Override
        public long endOfEpoch(int epoch) {
            return epoch < 1 || epoch >= starts.size() ? end : starts.get(epoch) - 1;
        }

        @Override
        public long first() {
            return SimCopiedLog.this.first();
        }

        @Override
        public long end() {
            return end;
        }

        @Override
        public List<Entry> read(long position, int bytesMax) {
            return SimCopiedLog.this.read(position, bytesMax);
        }
    }
}
