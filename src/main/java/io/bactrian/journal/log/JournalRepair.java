package io.bactrian.journal.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a damaged journal whole again. Every entry that can be read stays at its position; positions that cannot be read become
 * gaps ({@link Entry#isGap}), of which readers are told; a new epoch begins at the end. Each file that is changed is copied to a
 * folder beside the journal's first. A repair that was cut off is done by doing it again.
 *
 * <p>Files are replaced and never changed in place, so a hard link still leads to what it led to before.
 */
public final class JournalRepair {
    private static final int COPY_BYTES = 1 << 20;

    /** Positions from one to another, both included. */
    public record Range(long from, long to) {}

    /**
     * The findings of a repair, and what it does.
     *
     * @param findings what is damaged, a line each; empty if nothing is
     * @param lost the positions that cannot be saved
     * @param end the last position of the journal after the repair
     * @param epoch the epoch that begins after it; the present one if nothing is damaged
     * @param aside where the files that were replaced are kept; empty if nothing was written
     */
    public record Report(List<String> findings, List<Range> lost, long end, int epoch, Optional<Path> aside) {
        public Report {
            findings = List.copyOf(findings);
            lost = List.copyOf(lost);
        }
    }

    private final JournalFiles files;
    private final Path folder;
    private final Clock clock;

    JournalRepair(JournalFiles files, Path folder, Clock clock) {
        this.files = files;
        this.folder = folder;
        this.clock = clock;
    }

    /**
     * Says what {@link #repair} would do, and changes nothing.
     *
     * @throws JournalLockedException if the journal is open
     * @throws JournalDamagedException if nothing can be saved
     */
    public static Report look(Path folder) throws IOException {
        return new JournalRepair(DiskFiles.INSTANCE, folder, Clock.systemUTC()).run(false);
    }

    /**
     * Repairs the journal in a folder.
     *
     * @throws JournalLockedException if the journal is open
     * @throws JournalDamagedException if nothing can be saved; nothing was changed
     */
    public static Report repair(Path folder) throws IOException {
        return new JournalRepair(DiskFiles.INSTANCE, folder, Clock.systemUTC()).run(true);
    }

    Report run(boolean write) throws IOException {
        if (!JournalMeta.isThere(files, folder)
                && files.list(folder).stream().noneMatch(name -> SegmentHeader.positionOf(name) >= 0)) {
            throw new JournalException("folder=" + folder + " holds no journal");
        }
        Closeable lock = files.lock(folder.resolve(Journal.LOCK_FILE));
        try {
            RepairPlan plan = new RepairPlan(files, folder);
            List<String> findings = new ArrayList<>(plan.findings());
            CursorFiles store = new CursorFiles(files, folder);
            Set<String> damagedCursors = new LinkedHashSet<>(store.damaged());
            damagedCursors.forEach(name -> findings.add("cursor " + name
                    + " cannot be read: it is set before the oldest position, and everything from there comes again"));
            if (!damagedCursors.isEmpty() || !findings.isEmpty()) {
                store.readable().forEach((name, position) -> {
                    if (position > plan.end()) {
                        findings.add("cursor " + name + " is set from position " + position + " to " + plan.end());
                    }
                });
            }
            boolean whole = findings.isEmpty();
            Optional<Path> aside = write && !whole ? Optional.of(write(plan, store, damagedCursors)) : Optional.empty();
            return new Report(
                    findings, plan.lost(), plan.end(), whole ? plan.meta().epoch() : plan.nextEpoch(), aside);
        } finally {
            lock.close();
        }
    }

    private Path write(RepairPlan found, CursorFiles store, Set<String> damagedCursors) throws IOException {
        Path aside = aside(found.meta().epoch());
        files.createFolder(aside);
        for (String name : List.of(JournalMeta.FILE, JournalMeta.COPY)) {
            copy(folder.resolve(name), aside.resolve(name));
        }
        for (Path other : found.foreign()) {
            copy(other, aside.resolve(String.valueOf(other.getFileName())));
        }
        RepairPlan plan = found;
        if (found.isMisnamed()) {
            files.forceFolder(aside);
            found.nameRightly();
            plan = new RepairPlan(files, folder);
        }
        for (RepairPlan.Rewrite rewrite : plan.rewrites()) {
            if (rewrite.file() != null) {
                String name = rewrite.header().fileName();
                Path target = aside.resolve(name);
                copy(rewrite.file(), files.exists(target) ? aside.resolve(name + ".named-otherwise") : target);
            }
        }
        for (String name : damagedCursors) {
            copy(store.file(name), aside.resolve(String.valueOf(store.file(name).getFileName())));
        }
        files.forceFolder(aside);
        // From here on a repair that is cut off is no journal yet, or a whole one.
        JournalMeta meta =
                plan.meta().withEpoch(plan.nextEpoch(), plan.end() + 1).withFloor(JournalMeta.Floor.NONE);
        meta.write(files, folder);
        JournalMeta.Floor floor = segments(plan, meta);
        for (String name : damagedCursors) {
            store.write(name, Math.max(0, meta.first() - 1), meta.epochOf(meta.first()));
        }
        for (Map.Entry<String, Long> cursor : store.load().entrySet()) {
            if (cursor.getValue() > plan.end()) {
                store.write(cursor.getKey(), plan.end(), meta.epochOf(plan.end()));
            }
        }
        meta.withFloor(floor).write(files, folder);
        return aside;
    }

    private JournalMeta.Floor segments(RepairPlan plan, JournalMeta meta) throws IOException {
        Set<Path> others = new LinkedHashSet<>(plan.foreign());
        for (RepairPlan.Rewrite rewrite : plan.rewrites()) {
            boolean open = rewrite.end() == plan.end() && !plan.needsNewSegment();
            rewrite(rewrite, !open);
            others.remove(folder.resolve(rewrite.header().fileName()));
        }
        for (Path other : others) {
            files.delete(other);
        }
        files.forceFolder(folder);
        if (plan.needsNewSegment()) {
            SegmentHeader header = new SegmentHeader(meta.epoch(), meta.journalId(), plan.end() + 1, clock.millis());
            SegmentLog.create(files, folder, header, path -> {}).retire();
            return new JournalMeta.Floor(plan.end() + 1, SegmentHeader.BYTES, plan.end());
        }
        return JournalMeta.Floor.NONE;
    }

    private void rewrite(RepairPlan.Rewrite rewrite, boolean seal) throws IOException {
        SegmentHeader header = rewrite.header();
        try (SegmentBuilder built = new SegmentBuilder(files, folder, header)) {
            if (rewrite.file() != null) {
                try (JournalFile source = new SalvageFile(files.open(rewrite.file(), true))) {
                    SegmentSalvage salvage = new SegmentSalvage(
                            source,
                            header,
                            SegmentHeader.BYTES,
                            header.firstPosition(),
                            Math.max(rewrite.limit(), SegmentHeader.BYTES),
                            rewrite.end());
                    for (Entry entry = salvage.next(); entry != null; entry = salvage.next()) {
                        built.put(entry);
                    }
                }
            }
            long reached = built.extent().lastPosition();
            if (reached < rewrite.end()) {
                long timestampMs = Math.max(built.extent().lastTimestampMs(), header.createdMs());
                built.put(Entry.gap(reached + 1, rewrite.end(), header.epoch(), timestampMs));
            }
            built.end(seal);
            built.place();
        }
    }

    private Path aside(int epoch) throws IOException {
        String name = folder.getFileName() + ".damaged-" + epoch;
        Path free = folder.resolveSibling(name);
        for (int i = 2; !files.list(free).isEmpty(); i++) {
            free = folder.resolveSibling(name + "-" + i);
        }
        return free;
    }

    private void copy(Path source, Path target) throws IOException {
        if (!files.exists(source)) {
            return;
        }
        try (JournalFile from = new SalvageFile(files.open(source, true));
                JournalFile to = files.create(target)) {
            ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
            int got = COPY_BYTES;
            for (long at = 0; got == COPY_BYTES; at += got) {
                buffer.clear();
                got = from.read(buffer, at);
                if (got > 0) {
                    to.write(buffer.flip(), at);
                }
            }
            to.force();
        }
    }
}
