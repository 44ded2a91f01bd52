package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Walks what can be read of a segment that is damaged; used by one thread. In the place of what cannot be read stands an entry
 * that {@link Entry#isGap}.
 *
 * <p>After damage the next entry is looked for: first where the damaged one says that it ends, then at every offset. Its
 * checksum, which the id of the journal and the first position of the segment seed, must be right.
 */
final class SegmentSalvage {
    private static final int WINDOW_BYTES = 1 << 20;

    /** So many bytes are checked for each byte of the segment before the search is given up. */
    private static final int CHECKS_PER_BYTE = 64;

    private final JournalFile file;
    private final SegmentHeader header;
    private final byte[] seed;
    private final long limit;
    private final long last;
    private EntryReader reader;
    private long nextPosition;
    private long nextOffset;
    private long timestampMs;
    private long budget;
    private boolean ended;
    private boolean damaged;

    /**
     * Begins at an offset, where the entry with {@code position} stands or stood.
     *
     * @param limit the offset at which the entries end
     * @param last the last position of the segment; {@link Long#MAX_VALUE} if it is not known
     */
    SegmentSalvage(JournalFile file, SegmentHeader header, long offset, long position, long limit, long last) {
        this.file = file;
        this.header = header;
        this.seed = header.seed();
        this.limit = limit;
        this.last = last;
        this.nextPosition = position;
        this.nextOffset = offset;
        this.timestampMs = header.createdMs();
        this.budget = CHECKS_PER_BYTE * limit;
        this.reader = new EntryReader(file, seed, offset, position, limit);
    }

    /** The next entry or gap; null after the last. A gap at the end is told only if the last position is known. */
    @Nullable Entry next() throws IOException {
        if (ended || nextPosition > last) {
            return null;
        }
        damaged = false;
        if (reader.next() && reader.isIntact()) {
            Entry entry = new Entry(
                    reader.position,
                    reader.count,
                    header.epoch(),
                    reader.timestampMs,
                    reader.payload(Path.of(header.fileName())));
            timestampMs = Math.abs(reader.timestampMs);
            nextPosition = reader.endPosition();
            nextOffset = reader.endOffset();
            return entry;
        }
        damaged = true;
        long claimedEnd = reader.endOffset();
        long bad = nextOffset;
        long found = claimedEnd > bad && isEntry(claimedEnd, positionAt(claimedEnd)) ? claimedEnd : search(bad);
        if (found < 0) {
            long to = last == Long.MAX_VALUE ? nextPosition - 1 : last;
            Entry gap = to < nextPosition ? null : gap(to);
            ended = true;
            return gap;
        }
        Entry gap = gap(positionAt(found) - 1);
        nextPosition = gap.last() + 1;
        nextOffset = found;
        reader = new EntryReader(file, seed, found, nextPosition, limit);
        return gap;
    }

    /** Whether the last gap stands for damage, and not in the file, where a former repair has put it. */
    boolean isDamage() {
        return damaged;
    }

    private Entry gap(long to) {
        return Entry.gap(nextPosition, Math.min(to, nextPosition + Integer.MAX_VALUE - 1), header.epoch(), timestampMs);
    }

    /** The offset of the first entry after a bad place, or -1. */
    private long search(long bad) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES);
        for (long from = bad + 1; from + EntryFormat.HEADER_BYTES <= limit; ) {
            window.clear();
            int got = (int) Math.min(file.read(window, from), limit - from);
            for (int at = 0; at <= got - EntryFormat.HEADER_BYTES; at++) {
                if (isPlausible(window, at, from + at) && isEntry(from + at, position(window, at))) {
                    return from + at;
                }
                if (budget < 0) {
                    return -1;
                }
            }
            from += Math.max(1, got - EntryFormat.HEADER_BYTES + 1);
        }
        return -1;
    }

    private boolean isPlausible(ByteBuffer window, int at, long offset) {
        long position = position(window, at);
        int count = window.getInt(at + EntryFormat.COUNT_AT);
        int length = window.getInt(at);
        return position > nextPosition
                && count >= 1
                && position - 1 <= last - count
                && position - nextPosition < 1L << 40
                && length >= 0
                && length <= limit - offset - EntryFormat.HEADER_BYTES;
    }

    private boolean isEntry(long offset, long position) throws IOException {
        if (position <= nextPosition || position > last) {
            return false;
        }
        EntryReader there = new EntryReader(file, seed, offset, position, limit);
        boolean found = there.next() && there.endPosition() - 1 <= last;
        budget -= EntryFormat.HEADER_BYTES + (found ? there.length : 0);
        return found && there.isIntact();
    }

    private static long position(ByteBuffer window, int at) {
        return window.getLong(at + EntryFormat.POSITION_AT);
    }

    /** What an entry at an offset says of its position; 0 if none can be there. */
    private long positionAt(long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(EntryFormat.HEADER_BYTES);
        return offset + EntryFormat.HEADER_BYTES <= limit && file.read(bytes, offset) == EntryFormat.HEADER_BYTES
                ? position(bytes, 0)
                : 0;
    }
}
