package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Looks at the folder of a journal without opening it: read-only, without its lock, also beside a running writer.
 *
 * <p>It shows the journal as it was at one moment. What a writer has under way at the end, or a crash has left there, is
 * {@link #unfinishedBytes()}: no damage, and cut when the journal is opened.
 */
public final class JournalFolder {
    private static final int TRIES = 10;
    private static final int READ_BYTES = 1 << 20;

    private final Path folder;
    private final JournalScan scan;
    private final JournalMeta meta;
    private final Map<String, Long> cursors;

    private JournalFolder(Path folder, JournalScan scan, JournalMeta meta, Map<String, Long> cursors) {
        this.folder = folder;
        this.scan = scan;
        this.meta = meta;
        this.cursors = cursors;
    }

    /** Looks at headers, seals and order, and at every entry of the last segment. */
    public static JournalFolder look(Path folder) {
        return look(folder, false);
    }

    /** Looks at every entry. */
    public static JournalFolder verify(Path folder) {
        return look(folder, true);
    }

    private static JournalFolder look(Path folder, boolean everyEntry) {
        DiskFiles files = DiskFiles.READ_ONLY;
        if (!isThere(files, folder)) {
            throw new JournalException("folder=" + folder + " holds no journal: there is no " + JournalMeta.FILE);
        }
        String former = "";
        for (int i = 0; true; i++) {
            String now;
            try {
                JournalMeta meta = JournalMeta.read(files, folder);
                JournalScan scan = JournalScan.of(files, folder, meta, everyEntry);
                now = scan.damage().toString();
                // A writer that closes or deletes a segment meanwhile looks like damage, but not twice the same.
                if (scan.damage().isEmpty() || now.equals(former) || i == TRIES) {
                    return new JournalFolder(folder, scan, meta, new CursorFiles(files, folder).load());
                }
            } catch (IOException e) {
                now = e.toString();
                if (now.equals(former) || i == TRIES) {
                    throw new JournalException("folder=" + folder + " cannot be read: " + e.getMessage(), e);
                }
            }
            former = now;
        }
    }

    private static boolean isThere(JournalFiles files, Path folder) {
        try {
            return JournalMeta.isThere(files, folder)
                    || files.list(folder).stream().anyMatch(name -> SegmentHeader.positionOf(name) >= 0);
        } catch (IOException e) {
            throw new JournalException("folder=" + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    public List<SegmentInfo> segments() {
        return scan.parts().stream()
                .map(part -> part.toSegment(DiskFiles.READ_ONLY, folder).info())
                .toList();
    }

    /** Everything that is damaged or missing, in the order of the log; empty if nothing is. */
    public List<JournalDamagedException> damage() {
        return scan.damage();
    }

    /** Bytes after the last whole entry. */
    public long unfinishedBytes() {
        List<JournalScan.Part> parts = scan.parts();
        if (parts.isEmpty() || !damage().isEmpty()) {
            return 0;
        }
        JournalScan.Part last = parts.get(parts.size() - 1);
        return Math.max(0, last.fileBytes() - last.extent().bytes());
    }

    public int epoch() {
        return meta.epoch();
    }

    /** The oldest position that is kept. */
    public long first() {
        return meta.first();
    }

    /** The last position that can be read. */
    public long end() {
        return scan.end();
    }

    /** The cursors and the position that each has processed last. */
    public Map<String, Long> cursors() {
        return Map.copyOf(cursors);
    }

    /** Gives entries to {@code taker}, from the one that contains {@code position} on, until it returns false. */
    public void read(long position, Predicate<Entry> taker) {
        long next = Math.max(position, first());
        for (JournalScan.Part part : scan.parts()) {
            Segment segment = part.toSegment(DiskFiles.READ_ONLY, folder);
            try {
                while (next <= part.extent().lastPosition()) {
                    if (next < segment.first()) {
                        throw damage().get(0);
                    }
                    List<Entry> entries = new ArrayList<>();
                    readSome(segment, next, entries);
                    for (Entry entry : entries) {
                        if (!taker.test(entry)) {
                            return;
                        }
                        next = entry.last() + 1;
                    }
                }
            } finally {
                retire(segment);
            }
        }
        scan.throwIfDamaged();
    }

    private void readSome(Segment segment, long next, List<Entry> entries) {
        try {
            segment.read(next, segment.extent().lastPosition(), READ_BYTES, entries);
        } catch (JournalDamagedException e) {
            if (entries.isEmpty()) {
                throw e;
            }
        } catch (IOException e) {
            throw new JournalException("folder=" + folder + " position=" + next + " not read: " + e.getMessage(), e);
        }
    }

    private void retire(Segment segment) {
        try {
            segment.retire();
        } catch (IOException e) {
            throw new JournalException("folder=" + folder + " not closed: " + e.getMessage(), e);
        }
    }
}
