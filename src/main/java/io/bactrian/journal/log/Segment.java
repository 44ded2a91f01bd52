package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One segment file. What it holds may grow until it is closed; its file is opened when needed. Thread-safe. */
final class Segment {
    /** What the segment holds: {@code bytes} is the offset after its last committed entry. */
    record Extent(
            long bytes, long lastPosition, long entries, long firstTimestampMs, long lastTimestampMs, boolean closed) {

        static Extent empty(SegmentHeader header) {
            return new Extent(SegmentHeader.BYTES, header.firstPosition() - 1, 0, 0, 0, false);
        }

        Extent grown(long newBytes, long newLast, int newEntries, long firstMs, long lastMs) {
            long first = entries == 0 ? firstMs : firstTimestampMs;
            return new Extent(newBytes, newLast, entries + newEntries, first, lastMs, false);
        }

        Extent sealed() {
            return new Extent(bytes, lastPosition, entries, firstTimestampMs, lastTimestampMs, true);
        }

        Seal seal() {
            return new Seal((int) bytes, lastPosition, entries, firstTimestampMs, lastTimestampMs);
        }
    }

    private final JournalFiles files;
    private final Path folder;
    private final Path path;
    private final SegmentHeader header;
    private final byte[] seed;
    private final SparseIndex index;
    private volatile Extent extent;

    private @Nullable JournalFile file;
    private int users;
    private boolean used;
    private boolean retired;

    Segment(JournalFiles files, Path folder, SegmentHeader header, Extent extent, SparseIndex index) {
        this.files = files;
        this.folder = folder;
        this.path = folder.resolve(header.fileName());
        this.header = header;
        this.seed = header.seed();
        this.extent = extent;
        this.index = index;
    }

    Path path() {
        return path;
    }

    Path folder() {
        return folder;
    }

    SegmentHeader header() {
        return header;
    }

    byte[] seed() {
        return seed.clone();
    }

    SparseIndex index() {
        return index;
    }

    Extent extent() {
        return extent;
    }

    void extent(Extent now) {
        extent = now;
    }

    long first() {
        return header.firstPosition();
    }

    long bytesOnDisk() {
        Extent now = extent;
        return now.closed() ? now.bytes() + Seal.BYTES : now.bytes();
    }

    SegmentInfo info() {
        Extent now = extent;
        return new SegmentInfo(
                header.fileName(),
                header.epoch(),
                first(),
                now.lastPosition(),
                now.closed() ? now.bytes() + Seal.BYTES : now.bytes(),
                now.firstTimestampMs(),
                now.lastTimestampMs(),
                now.closed());
    }

    /** The open file; every call needs a {@link #release}. */
    synchronized JournalFile acquire() throws IOException {
        if (retired) {
            throw new IOException("file=" + path + " is no longer part of the journal");
        }
        if (file == null) {
            file = files.open(path, false);
        }
        users++;
        used = true;
        return file;
    }

    synchronized void release() throws IOException {
        users--;
        if (retired && users == 0) {
            closeFile();
        }
    }

    /** Closes the file if nobody has used it since the last call. */
    synchronized void closeIfIdle() throws IOException {
        if (!used && users == 0) {
            closeFile();
        }
        used = false;
    }

    /** Closes the file for good, as soon as its last user has released it. */
    synchronized void retire() throws IOException {
        retired = true;
        if (users == 0) {
            closeFile();
        }
    }

    private void closeFile() throws IOException {
        JournalFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }

    /** Where the entry stands that follows the last one that ends at most at a position. */
    SparseIndex.Place after(long position) throws IOException {
        JournalFile open = acquire();
        SparseIndex.Place at = index.floor(position);
        EntryReader reader = new EntryReader(open, seed, at.offset(), at.position(), extent.bytes());
        try {
            while (reader.next() && reader.endPosition() - 1 <= position) {
                at = new SparseIndex.Place(reader.endPosition(), reader.endOffset());
            }
            return at;
        } catch (IOException e) {
            throw SalvageFile.damage(path, reader.endOffset(), e);
        } finally {
            release();
        }
    }

    /**
     * The same as {@link #read}, but what is damaged is no error: an entry that {@link Entry#isGap} stands for the positions that
     * cannot be read.
     *
     * @throws IOException if the disk gives nothing of the segment
     */
    void salvage(long position, long end, long maxBytes, List<Entry> found) throws IOException {
        SalvageFile open = new SalvageFile(acquire());
        try {
            open.read(ByteBuffer.allocate(SegmentHeader.BYTES), 0);
            Extent all = extent;
            SparseIndex.Place from = index.floor(position);
            SegmentSalvage salvage = new SegmentSalvage(
                    open, header, from.offset(), from.position(), all.bytes(), Math.min(all.lastPosition(), end));
            long taken = 0;
            while (true) {
                Entry next = salvage.next();
                if (open.isDead()) {
                    throw new IOException("the disk gives nothing of " + path);
                }
                if (next == null || (!found.isEmpty() && taken + next.payload().length > maxBytes)) {
                    return;
                }
                if (next.last() >= position) {
                    found.add(next);
                    taken += next.payload().length;
                }
            }
        } finally {
            release();
        }
    }

    /** Adds entries to {@code found}, from the one that contains a position, up to {@code end} and {@code maxBytes}. */
    void read(long position, long end, long maxBytes, List<Entry> found) throws IOException {
        JournalFile open = acquire();
        SparseIndex.Place from = index.floor(position);
        EntryReader reader = EntryReader.of(open, seed, from.offset(), from.position(), extent.bytes(), maxBytes);
        try {
            long taken = 0;
            while (reader.next()) {
                // Also what is skipped is checked: a wrong length or count would lead astray, to a wrong place.
                byte[] payload = reader.payload(path);
                index.note(reader.position, reader.offset);
                if (reader.endPosition() <= position) {
                    continue;
                }
                if (reader.endPosition() - 1 > end || (!found.isEmpty() && taken + reader.length > maxBytes)) {
                    return;
                }
                found.add(new Entry(reader.position, reader.count, header.epoch(), reader.timestampMs, payload));
                taken += reader.length;
            }
            if (!reader.problem().isEmpty()) {
                throw new JournalDamagedException(path, reader.endOffset(), reader.problem());
            }
        } catch (IOException e) {
            throw SalvageFile.damage(path, reader.endOffset(), e);
        } finally {
            release();
        }
    }
}
