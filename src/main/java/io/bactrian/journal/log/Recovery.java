package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a folder into a state in which it can be appended to, or says what is wrong with it and changes nothing.
 *
 * <p>The header and the seal of each closed segment are checked, and that each begins where the former ends; the last
 * segment is read as a whole. The entries of closed segments are checked when they are read.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final SecureRandom IDS = new SecureRandom();

    private final JournalFiles files;
    private final Path folder;
    private final long nowMs;

    Recovery(JournalFiles files, Path folder, long nowMs) {
        this.files = files;
        this.folder = folder;
        this.nowMs = nowMs;
    }

    /** The folder's lock must be held. A cut that is under way is finished first, and lowers the cursors. */
    SegmentLog open(int segmentBytes, CursorFiles cursors) throws IOException {
        JournalMeta found = meta();
        if (found.heal(files, folder)) {
            LOG.warn("journal={} {} was damaged or missing, and is rebuilt from its copy", folder, JournalMeta.FILE);
        }
        JournalMeta meta = new LogCut(files, folder, nowMs).finish(found);
        JournalScan scan = JournalScan.of(files, folder, meta, false);
        scan.throwIfDamaged();
        long processed = cursors.load().values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        if (scan.end() < processed) {
            throw new JournalDamagedException(
                    folder, 0, "a cursor has processed position " + processed + ", but the log ends at " + scan.end());
        }
        List<Segment> segments = new ArrayList<>();
        for (JournalScan.Part part : scan.parts()) {
            segments.add(part.toSegment(files, folder));
        }
        deleteAsides();
        rebuild(scan, segments);
        dropPurged(meta, segments);
        if (segments.isEmpty()) {
            meta = begin(meta, segments);
        } else {
            finishRoll(scan, segments);
            finishTail(scan, segments);
        }
        return new SegmentLog(files, folder, segmentBytes, meta, segments);
    }

    private JournalMeta meta() throws IOException {
        if (JournalMeta.isThere(files, folder)) {
            return JournalMeta.read(files, folder);
        }
        if (files.list(folder).stream().anyMatch(name -> SegmentHeader.positionOf(name) >= 0)) {
            throw new JournalDamagedException(
                    folder.resolve(JournalMeta.FILE), 0, "missing, though segments are there");
        }
        JournalMeta meta = new JournalMeta(JournalId.draw(nowMs, IDS), 1, List.of(1L), JournalMeta.Floor.NONE);
        meta.write(files, folder);
        return meta;
    }

    private void deleteAsides() throws IOException {
        for (String name : files.list(folder)) {
            if (name.endsWith(ChecksummedText.ASIDE)) {
                files.delete(folder.resolve(name));
            }
        }
    }

    // The purge had been recorded, but the process ended before all files were deleted.
    private void dropPurged(JournalMeta meta, List<Segment> segments) throws IOException {
        while (segments.size() > 1 && segments.get(1).first() <= meta.first()) {
            files.delete(segments.remove(0).path());
        }
        files.forceFolder(folder);
    }

    private JournalMeta begin(JournalMeta meta, List<Segment> segments) throws IOException {
        SegmentHeader header = new SegmentHeader(meta.epoch(), meta.journalId(), 1, nowMs);
        Segment first = SegmentLog.create(files, folder, header, path -> LOG.warn("segment={} not created", path));
        segments.add(first);
        JournalMeta begun = meta.withFloor(new JournalMeta.Floor(1, SegmentHeader.BYTES, 0));
        begun.write(files, folder);
        return begun;
    }

    // What a header or a seal says is known from elsewhere, and the checksums of the entries prove it.
    private void rebuild(JournalScan scan, List<Segment> segments) throws IOException {
        for (Segment segment : segments) {
            JournalScan.Part part = scan.part(segment.first());
            boolean header = part.headerMissing() && part.extent().entries() > 0;
            if (!header && !part.sealMissing()) {
                continue;
            }
            JournalFile file = segment.acquire();
            try {
                if (header) {
                    file.write(segment.header().encode(), 0);
                }
                if (part.sealMissing()) {
                    file.write(
                            part.extent().seal().encode(segment.seed()),
                            part.extent().bytes());
                    file.truncate(part.extent().bytes() + Seal.BYTES);
                }
                file.force();
            } finally {
                segment.release();
            }
            if (part.sealMissing()) {
                segment.extent(part.extent().sealed());
            }
            LOG.warn(
                    "segment={} its {} was damaged, and is rebuilt; no entry is lost",
                    segment.path(),
                    header ? "header" : "seal");
        }
    }

    // The last segment was begun, but the process ended before the one before it was sealed.
    private void finishRoll(JournalScan scan, List<Segment> segments) throws IOException {
        if (segments.size() < 2) {
            return;
        }
        Segment segment = segments.get(segments.size() - 2);
        if (!segment.extent().closed()) {
            cut(segment, scan.part(segment.first()));
            new SegmentWriter(segment, SegmentWriter.newBuffer()).seal();
        }
    }

    private void finishTail(JournalScan scan, List<Segment> segments) throws IOException {
        Segment last = segments.get(segments.size() - 1);
        JournalScan.Part part = scan.part(last.first());
        if (part.headerMissing()) {
            JournalFile file = last.acquire();
            try {
                file.write(last.header().encode(), 0);
            } finally {
                last.release();
            }
        }
        cut(last, part);
    }

    // What a dead process has written may still be in memory only; from now on it counts as synced, so it is forced.
    private void cut(Segment segment, JournalScan.Part part) throws IOException {
        JournalFile file = segment.acquire();
        try {
            long good = segment.extent().bytes();
            if (part.fileBytes() > good) {
                LOG.warn(
                        "torn tail cut: file={} offset={} bytes={} last position={} cause={}",
                        segment.path(),
                        good,
                        part.fileBytes() - good,
                        segment.extent().lastPosition(),
                        part.problem());
                file.truncate(good);
            }
            file.force();
        } finally {
            segment.release();
        }
    }
}
