package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Makes the file of a segment from entries, beside the one that is there, and puts it in its place once it is whole. Used by
 * one thread at a time.
 */
final class SegmentBuilder implements AutoCloseable {
    private final JournalFiles files;
    private final Path folder;
    private final SegmentHeader header;
    private final Path fresh;
    private final JournalFile target;
    private final CRC32C crc = new CRC32C();
    private Segment.Extent extent;
    private boolean placed;

    SegmentBuilder(JournalFiles files, Path folder, SegmentHeader header) throws IOException {
        this.files = files;
        this.folder = folder;
        this.header = header;
        this.extent = Segment.Extent.empty(header);
        this.fresh = folder.resolve(header.fileName() + ChecksummedText.ASIDE);
        this.target = files.create(fresh);
        try {
            target.write(header.encode(), 0);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** What has been put so far. */
    Segment.Extent extent() {
        return extent;
    }

    void put(Entry entry) throws IOException {
        byte[] payload = entry.payload();
        ByteBuffer all = ByteBuffer.allocate(EntryFormat.HEADER_BYTES + payload.length);
        EntryFormat.encode(
                all,
                crc,
                header.seed(),
                entry.position(),
                entry.count(),
                SegmentHeader.BYTES,
                entry.timestampMs(),
                payload);
        all.limit(all.capacity()).position(EntryFormat.HEADER_BYTES);
        target.write(all.put(payload).flip(), extent.bytes());
        long timestampMs = Math.abs(entry.timestampMs());
        extent = extent.grown(extent.bytes() + all.capacity(), entry.last(), 1, timestampMs, timestampMs);
    }

    /** Ends the file, and has it on the disk; sealed, it never changes again. */
    void end(boolean seal) throws IOException {
        if (seal) {
            target.write(extent.seal().encode(header.seed()), extent.bytes());
            extent = extent.sealed();
        }
        target.force();
        target.close();
    }

    /** Puts the file in its place, durably. It has ended. */
    void place() throws IOException {
        files.rename(fresh, folder.resolve(header.fileName()));
        files.forceFolder(folder);
        placed = true;
    }

    /** Gives the file up, unless it is in its place. */
    @Override
    public void close() throws IOException {
        target.close();
        if (!placed) {
            files.delete(fresh);
        }
    }
}
