package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out a cut whose mark is in the meta file. Every step can be repeated, so a crash at any of them does no harm: the
 * next open begins again with the first. Only the last step removes the mark.
 *
 * <p>Segments that lie above the cut are moved by renaming. The one in which it lies is copied aside as a whole, and a new
 * file with its first part takes its name. So a hard link to any of them still leads to what it led to before.
 */
final class LogCut {
    private static final Logger LOG = LoggerFactory.getLogger(LogCut.class);
    private static final int COPY_BYTES = 1 << 20;

    private final JournalFiles files;
    private final Path folder;
    private final long nowMs;

    LogCut(JournalFiles files, Path folder, long nowMs) {
        this.files = files;
        this.folder = folder;
        this.nowMs = nowMs;
    }

    /** Makes a folder for what will be moved, with what makes a journal of it. Done before the mark is written. */
    static void prepare(JournalFiles files, Path aside, JournalMeta meta) throws IOException {
        files.createFolder(aside);
        files.forceFolder(parent(aside));
        meta.withoutCut(JournalMeta.Floor.NONE).write(files, aside);
    }

    /** Returns what holds after the cut; the very same if none is under way. */
    JournalMeta finish(JournalMeta meta) throws IOException {
        JournalMeta.Cut cut = meta.cut();
        if (cut == null) {
            return meta;
        }
        Path aside = folder.resolveSibling(cut.aside());
        move(meta, cut, aside);
        long bytes = cut.all() ? 0 : shorten(meta, cut, aside);
        lowerCursors(meta, cut);
        JournalMeta.Floor floor = bytes > 0
                ? new JournalMeta.Floor(segments().get(segments().size() - 1), bytes, cut.above())
                : begin(meta, cut);
        JournalMeta finished = meta.withoutCut(floor);
        finished.write(files, folder);
        return finished;
    }

    /** First positions of the segments in the folder, ascending. */
    private List<Long> segments() throws IOException {
        return files.list(folder).stream()
                .map(SegmentHeader::positionOf)
                .filter(first -> first >= 0)
                .toList();
    }

    // The names must be on the disk in the one folder before they are gone from the other.
    private void move(JournalMeta meta, JournalMeta.Cut cut, Path aside) throws IOException {
        List<Path> moved = new ArrayList<>();
        boolean wanted =
                files.exists(aside.resolve(JournalMeta.FILE)); // else nothing is above the cut but an empty segment
        for (long first : segments()) {
            Path segment = folder.resolve(SegmentHeader.fileName(first));
            boolean goes = cut.all() || first > cut.above();
            if (goes && (!wanted || isEmptyOf(meta, segment, first))) {
                files.delete(segment);
            } else if (goes) {
                files.rename(segment, aside.resolve(segment.getFileName()));
                moved.add(segment);
            }
        }
        if (!moved.isEmpty()) {
            files.forceFolder(aside);
        }
        files.forceFolder(folder);
    }

    /** Whether a segment is the one that an earlier try of this cut has begun. */
    private boolean isEmptyOf(JournalMeta meta, Path segment, long first) throws IOException {
        try (JournalFile file = files.open(segment, true)) {
            ByteBuffer buffer = ByteBuffer.allocate(SegmentHeader.BYTES);
            file.read(buffer, 0);
            SegmentHeader header = SegmentHeader.decode(buffer.flip());
            return file.size() <= SegmentHeader.BYTES
                    && (header == null || (header.journalId() == meta.journalId() && header.firstPosition() == first));
        }
    }

    /** Makes the last segment end with the cut; returns its bytes, 0 if it is closed or there is none. */
    private long shorten(JournalMeta meta, JournalMeta.Cut cut, Path aside) throws IOException {
        List<Long> left = segments();
        if (left.isEmpty()) {
            return 0;
        }
        Path path = folder.resolve(SegmentHeader.fileName(left.get(left.size() - 1)));
        try (JournalFile file = files.open(path, true)) {
            SegmentHeader header = SegmentScanner.header(file, path, meta.journalId());
            SparseIndex index = new SparseIndex(header.firstPosition());
            Segment.Extent extent =
                    new SegmentScanner(file, header).scan(index, 0).extent();
            if (extent.lastPosition() < cut.above()) {
                throw new JournalDamagedException(
                        path,
                        extent.bytes(),
                        "the log was to be cut above position " + cut.above() + ", but ends at "
                                + extent.lastPosition());
            }
            if (extent.lastPosition() == cut.above()) {
                return extent.closed() ? 0 : extent.bytes();
            }
            long end = endOf(file, path, header, cut.above());
            copy(file, file.size(), aside.resolve(path.getFileName()));
            copy(file, end, path);
            LOG.info("segment={} cut at offset={}, whole in {}", path, end, aside);
            return end;
        }
    }

    private static long endOf(JournalFile file, Path path, SegmentHeader header, long last) throws IOException {
        EntryReader reader =
                new EntryReader(file, header.seed(), SegmentHeader.BYTES, header.firstPosition(), file.size());
        while (reader.endPosition() <= last) {
            if (!reader.next()) {
                throw new JournalDamagedException(path, reader.endOffset(), reader.problem());
            }
        }
        return reader.endOffset();
    }

    private void copy(JournalFile source, long bytes, Path target) throws IOException {
        Path fresh = target.resolveSibling(target.getFileName() + ChecksummedText.ASIDE);
        try (JournalFile file = files.create(fresh)) {
            ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
            for (long at = 0; at < bytes; ) {
                buffer.clear().limit((int) Math.min(COPY_BYTES, bytes - at));
                int got = source.read(buffer, at);
                if (got <= 0) {
                    throw new IOException("file ended at offset=" + at + " while it was copied to " + target);
                }
                file.write(buffer.flip(), at);
                at += got;
            }
            file.force();
        }
        files.rename(fresh, target);
        files.forceFolder(parent(target));
    }

    private void lowerCursors(JournalMeta meta, JournalMeta.Cut cut) throws IOException {
        CursorFiles store = new CursorFiles(files, folder);
        for (Map.Entry<String, Long> cursor : store.load().entrySet()) {
            if (cursor.getValue() > cut.above()) {
                store.write(cursor.getKey(), cut.above(), meta.epochOf(cut.above()));
            }
        }
    }

    private JournalMeta.Floor begin(JournalMeta meta, JournalMeta.Cut cut) throws IOException {
        long next = cut.above() + 1;
        SegmentHeader header = new SegmentHeader(meta.epoch(), meta.journalId(), next, nowMs);
        SegmentLog.create(files, folder, header, path -> LOG.warn("segment={} not created", path))
                .retire();
        return new JournalMeta.Floor(next, SegmentHeader.BYTES, cut.above());
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? Path.of(".") : parent;
    }
}
