package io.bactrian.backup.routes;

import io.bactrian.backup.core.BackupException;
import io.bactrian.backup.core.BackupFiles;
import io.bactrian.backup.core.Manifest;
import io.bactrian.journal.log.JournalCapture;
import io.bactrian.journal.log.JournalDamagedException;
import io.bactrian.journal.log.JournalImage;
import io.bactrian.support.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the segments in a backup folder up to those of a log. A segment never changes where it was written, it only grows
 * until it is closed: so a copy is continued, and a closed one is linked where that is possible. If a file of the same name
 * has other content, as after a restore, the segment goes to another folder: {@code log/0}, {@code log/1} and so on. What is
 * taken is read and checked before, so that no damage comes into a backup unnoticed. One thread.
 */
final class SegmentCopies {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentCopies.class);

    private final Path folder;
    private final Map<Long, Manifest.SegmentCopy> known = new HashMap<>();
    private Set<Long> shared = Set.of();
    private boolean linking;

    SegmentCopies(Path folder, boolean linking) {
        this.folder = folder;
        this.linking = linking;
    }

    /**
     * The plan of a run.
     *
     * @param segments what will be there then
     * @param files what is to be written
     * @param folders what is to be forced, below the backup folder
     * @param linkedBytes octets of segments that were linked just now
     * @param shared segments that are no copies, but links to the files of the log
     */
    record Plan(
            List<Manifest.SegmentCopy> segments,
            List<BackupFile> files,
            Set<String> folders,
            long linkedBytes,
            int shared) {}

    Plan plan(JournalCapture log) throws IOException {
        List<Manifest.SegmentCopy> segments = new ArrayList<>();
        List<BackupFile> files = new ArrayList<>();
        Set<String> folders = new HashSet<>();
        long linked = 0;
        Set<Long> sharing = new HashSet<>();
        for (JournalCapture.Part part : log.parts()) {
            Manifest.SegmentCopy there = known.get(part.first());
            if (there != null && there.part().equals(part)) {
                segments.add(there);
                if (shared.contains(part.first())) {
                    sharing.add(part.first());
                }
                continue;
            }
            Path source = log.folder().resolve(part.file());
            String name = place(part, source);
            Path target = folder.resolve(name);
            folders.add(name.substring(0, name.lastIndexOf('/')));
            long has = Files.exists(target) ? Files.size(target) : 0;
            boolean isLink = has > 0 && Files.isSameFile(source, target);
            if (has < part.bytes()) {
                // What was taken before may have been cut from the log of a pair; then the copy is another file.
                check(log, part, there != null && there.file().equals(name) ? there : null);
                if (part.closed() && linked(source, target)) {
                    linked += part.bytes();
                    isLink = true;
                } else {
                    files.add(new BackupFile(
                            name, has > 0, BackupContent.of(source, has, part.bytes(), written(target, has))));
                }
            }
            if (isLink) {
                sharing.add(part.first());
            }
            segments.add(new Manifest.SegmentCopy(
                    name,
                    part.epoch(),
                    part.first(),
                    part.last(),
                    part.bytes(),
                    part.closed(),
                    BackupFiles.check(source, part.bytes())));
        }
        shared = sharing;
        return new Plan(segments, files, folders, linked, sharing.size());
    }

    /** Reads what is taken for the first time. */
    private static void check(JournalCapture log, JournalCapture.Part part, Manifest.@Nullable SegmentCopy before)
            throws IOException {
        Path source = log.folder().resolve(part.file());
        try {
            if (before != null && !before.closed() && before.last() < part.last()) {
                JournalImage.checkFrom(source, log.id(), part, before.bytes(), before.last() + 1, octets -> {});
            } else {
                JournalImage.check(source, log.id(), part, octets -> {});
            }
        } catch (JournalDamagedException e) {
            // Without the cause: the route would hand that on alone, which does not say what to do.
            throw new BackupException("the log is damaged: " + e.getMessage()
                    + "; the former backups stay as they are; next: stop the hub, and" + " 'bactrian journal repair "
                    + log.folder() + "' shows what can be saved");
        }
    }

    private static Path written(Path target, long has) {
        return has > 0 ? target : target.resolveSibling(target.getFileName() + DurableFiles.ASIDE);
    }

    private boolean linked(Path source, Path target) throws IOException {
        if (linking) {
            Files.createDirectories(target.resolveSibling("."));
            linking = BackupFiles.link(source, target);
            if (!linking) {
                LOG.info("closed segments are copied to {}, as they cannot be linked from {}", folder, source);
            }
        }
        return linking;
    }

    /** The name under which a copy of the segment is, or may be. */
    private String place(JournalCapture.Part part, Path source) throws IOException {
        for (int i = 0; true; i++) {
            String name = "log/" + i + "/" + part.file();
            Path target = folder.resolve(name);
            if (Files.exists(target) && !Files.isRegularFile(target)) {
                continue;
            }
            // What a cut run has left behind may be more than is asked for now, and is as good.
            long has = Files.exists(target) ? Files.size(target) : 0;
            if (has == 0) {
                return name;
            }
            if (has <= Files.size(source)
                    && (Files.isSameFile(source, target)
                            || BackupFiles.check(source, has) == BackupFiles.check(target, has))) {
                return name;
            }
        }
    }

    /** Nothing is known to be there. */
    void forget() {
        known.clear();
    }

    /** The plan was carried out. */
    void done(Plan plan) {
        known.clear();
        plan.segments().forEach(segment -> known.put(segment.first(), segment));
    }
}
