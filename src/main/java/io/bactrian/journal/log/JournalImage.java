package io.bactrian.journal.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** Checks copies of segments, and makes a journal of them. Any thread. */
public final class JournalImage {
    private static final int PROGRESS_BYTES = 1 << 20;

    private JournalImage() {}

    /**
     * Reads every entry of a copy of a segment.
     *
     * @param path the copy; it bears the name of the segment, and may be longer than the part
     * @param id the journal's
     * @param progress is told now and then how many bytes more were read
     * @throws JournalDamagedException if it is not, byte by byte as far as checksums tell, what the part says
     * @throws IOException if it cannot be read
     */
    public static void check(Path path, String id, JournalCapture.Part part, LongConsumer progress) throws IOException {
        checkFrom(path, id, part, SegmentHeader.BYTES, part.first(), progress);
    }

    /**
     * Reads every entry of a segment from one on; what is before it was checked already.
     *
     * @param offset where the entry with {@code position} begins
     * @throws JournalDamagedException as for {@link #check}
     */
    public static void checkFrom(
            Path path, String id, JournalCapture.Part part, long offset, long position, LongConsumer progress)
            throws IOException {
        try (JournalFile file = DiskFiles.READ_ONLY.open(path, true)) {
            long size = file.size();
            if (size < part.bytes()) {
                throw new JournalDamagedException(path, size, "it ends before offset " + part.bytes());
            }
            SegmentHeader header = SegmentScanner.header(file, path, Long.parseUnsignedLong(id, 16));
            if (header.epoch() != part.epoch() || header.firstPosition() != part.first()) {
                throw new JournalDamagedException(path, 0, "it is a segment of epoch " + header.epoch());
            }
            long limit = part.closed() ? part.bytes() - Seal.BYTES : part.bytes();
            EntryReader reader = EntryReader.of(file, header.seed(), offset, position, limit, part.bytes() - offset);
            long told = offset == SegmentHeader.BYTES ? 0 : offset;
            while (reader.next()) {
                if (!reader.isIntact()) {
                    throw new JournalDamagedException(
                            path, reader.offset, "wrong checksum of the entry at position " + reader.position);
                }
                if (reader.endOffset() - told >= PROGRESS_BYTES) {
                    progress.accept(reader.endOffset() - told);
                    told = reader.endOffset();
                }
            }
            if (!reader.atLimit() || reader.endPosition() - 1 != part.last()) {
                throw new JournalDamagedException(
                        path, reader.endOffset(), "position " + part.last() + " is not there: " + reader.problem());
            }
            if (part.closed() && !sealed(file, header, limit, part.last())) {
                throw new JournalDamagedException(path, limit, "its seal is damaged");
            }
            progress.accept(part.bytes() - told);
        }
    }

    private static boolean sealed(JournalFile file, SegmentHeader header, long offset, long last) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Seal.BYTES);
        file.read(buffer, offset);
        Seal seal = Seal.decode(buffer.flip(), header.seed(), offset);
        return seal != null && seal.lastPosition() == last;
    }

    /**
     * Keeps every writer out of a folder until closed; the folder is made if need be.
     *
     * @throws JournalLockedException if one is there
     */
    public static Closeable lock(Path folder) throws IOException {
        Files.createDirectories(folder);
        return DiskFiles.INSTANCE.lock(folder.resolve(Journal.LOCK_FILE));
    }

    /** Whether a folder holds a journal, or parts of one. */
    public static boolean isThere(Path folder) {
        return Files.exists(folder.resolve(JournalMeta.FILE))
                || Files.exists(folder.resolve(JournalMeta.COPY))
                || !segments(folder).isEmpty();
    }

    /** The epoch of the journal in a folder; 0 if there is none, or it cannot be told. */
    public static int epoch(Path folder) throws IOException {
        try {
            return JournalMeta.isThere(DiskFiles.INSTANCE, folder)
                    ? JournalMeta.read(DiskFiles.READ_ONLY, folder).epoch()
                    : 0;
        } catch (JournalDamagedException unreadable) {
            return 0;
        }
    }

    /** Deletes the journal in a folder that is locked, with its cursors. */
    public static void delete(Path folder) throws IOException {
        for (Path segment : segments(folder)) {
            Files.delete(segment);
        }
        Files.deleteIfExists(folder.resolve(JournalMeta.COPY));
        Files.deleteIfExists(folder.resolve(JournalMeta.FILE));
        Path cursors = folder.resolve(CursorFiles.FOLDER);
        if (Files.isDirectory(cursors)) {
            for (String name : DiskFiles.INSTANCE.list(cursors)) {
                Files.delete(cursors.resolve(name));
            }
        }
        DiskFiles.INSTANCE.forceFolder(folder);
    }

    private static List<Path> segments(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> SegmentHeader.positionOf(String.valueOf(file.getFileName())) >= 0)
                    .toList();
        } catch (IOException e) {
            throw new JournalException("folder=" + folder + " cannot be read", e);
        }
    }

    /**
     * Makes a journal of segments that are in a folder already, forced and locked: it goes on after the last of them, in a
     * new epoch. Durable on return.
     *
     * @param capture what the segments are
     * @param epoch the new epoch, above the capture's
     */
    public static void finish(Path folder, JournalCapture capture, int epoch, long nowMs) throws IOException {
        long next = Math.max(capture.first(), capture.end() + 1);
        List<Long> starts = new ArrayList<>(capture.epochStarts());
        if (epoch <= starts.size()) {
            throw new IllegalArgumentException("epoch=" + epoch + " must be above " + starts.size());
        }
        while (starts.size() < epoch) {
            starts.add(next);
        }
        long id = Long.parseUnsignedLong(capture.id(), 16);
        // The segment that goes on bears the new epoch; the one before it is closed when the journal is opened.
        SegmentLog.create(DiskFiles.INSTANCE, folder, new SegmentHeader(epoch, id, next, nowMs), path -> {})
                .retire();
        new JournalMeta(id, capture.first(), starts, new JournalMeta.Floor(next, SegmentHeader.BYTES, next - 1))
                .write(DiskFiles.INSTANCE, folder);
    }
}
