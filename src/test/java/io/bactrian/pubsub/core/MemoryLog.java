package io.bactrian.pubsub.core;

import io.bactrian.journal.log.Entry;
import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.List;

/** A log in memory in which two entries make a segment. */
public final class MemoryLog implements HubLog {
    private final List<Entry> entries = new ArrayList<>();
    private final List<Long> epochStarts = new ArrayList<>(List.of(1L));
    private long first = 1;
    private long end;
    private boolean certain = true;
    private boolean held;
    /** Whether the hub's own entries are not taken. */
    boolean full;
    /** What its identity tells, and with it its identity. */
    int life;

    public long append(List<Batch> batches) {
        long position = end + 1;
        for (Batch batch : batches) {
            entries.add(new Entry(end + 1, batch.count(), 1, 0, batch.bytes()));
            end += batch.count();
        }
        return position;
    }

    /** How many entries it holds. */
    int size() {
        return entries.size();
    }

    @Override
    public long appendControl(Batch batch) {
        if (full) {
            throw new IllegalStateException("the disk is full");
        }
        append(List.of(batch));
        return end;
    }

    @Override
    public long identity() {
        return 1 + life;
    }

    @Override
    public int life() {
        return life;
    }

    @Override
    public boolean purgesAreHeld() {
        return held;
    }

    @Override
    public void holdPurges() {
        held = true;
    }

    /** It becomes a copy of another, up to a position. */
    void copy(MemoryLog other, long upTo) {
        entries.clear();
        entries.addAll(other.entries.stream().filter(e -> e.last() <= upTo).toList());
        epochStarts.clear();
        epochStarts.addAll(other.epochStarts);
        first = other.first;
        end = upTo;
    }

    /** It loses its newest entries. */
    void cutTo(long position) {
        entries.removeIf(e -> e.last() > position);
        end = position;
    }

    @Override
    public List<LogSegment> segments() {
        List<LogSegment> segments = new ArrayList<>();
        for (int i = 0; i < entries.size(); i += 2) {
            Entry last = entries.get(Math.min(i + 1, entries.size() - 1));
            segments.add(new LogSegment(entries.get(i).position(), last.last(), 100, i + 2 < entries.size()));
        }
        return segments;
    }

    @Override
    public long segmentOf(long position) {
        return segments().stream()
                .filter(s -> s.first() <= position)
                .reduce((a, b) -> b)
                .orElseThrow()
                .first();
    }

    @Override
    public void sync() {}

    @Override
    public void raiseEpoch(int epoch) {
        while (epochStarts.size() < epoch) {
            epochStarts.add(end + 1);
        }
    }

    @Override
    public void deleteBefore(long position) {
        for (LogSegment segment : segments()) {
            if (segment.closed() && segment.last() < position) {
                entries.removeIf(e -> e.last() <= segment.last());
                first = segment.last() + 1;
            }
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
        certain = true;
    }

    @Override
    public int epoch() {
        return epochStarts.size();
    }

    @Override
    public long endOfEpoch(int epoch) {
        return epoch < 1 || epoch >= epoch() ? end : epochStarts.get(epoch) - 1;
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public List<Entry> read(long position, int bytesMax) {
        return entries.stream().filter(e -> e.last() >= position).toList();
    }
}
