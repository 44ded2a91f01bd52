package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The content of the files of a journal's folder, found without changing anything. */
final class JournalScan {

    /**
     * One segment.
     *
     * @param fileBytes length of the file
     * @param problem what stands after the extent; empty if nothing
     * @param headerMissing the header is torn or damaged, and {@code header} is what it must have been
     * @param sealMissing all entries are there, and only the seal after them is damaged
     */
    record Part(
            SegmentHeader header,
            Segment.Extent extent,
            SparseIndex index,
            long fileBytes,
            String problem,
            boolean headerMissing,
            boolean sealMissing) {

        Segment toSegment(JournalFiles files, Path folder) {
            return new Segment(files, folder, header, extent, index);
        }
    }

    private final Path folder;
    private final JournalFiles files;
    private final JournalMeta meta;
    private final List<Part> parts = new ArrayList<>();
    private final List<JournalDamagedException> damage = new ArrayList<>();
    private boolean afterDamage;

    private JournalScan(JournalFiles files, Path folder, JournalMeta meta) {
        this.files = files;
        this.folder = folder;
        this.meta = meta;
    }

    /** Looks at all segments; with {@code everyEntry} at each entry of the closed ones too. */
    static JournalScan of(JournalFiles files, Path folder, JournalMeta meta, boolean everyEntry) throws IOException {
        JournalScan scan = new JournalScan(files, folder, meta);
        List<Long> firsts = files.list(folder).stream()
                .map(SegmentHeader::positionOf)
                .filter(first -> first >= 0)
                .toList();
        for (int i = 0; i < firsts.size(); i++) {
            try {
                scan.look(firsts.get(i), firsts.size() - i, everyEntry);
            } catch (JournalDamagedException e) {
                scan.damage.add(e);
                scan.afterDamage = true;
            }
        }
        scan.checkWhole();
        return scan;
    }

    List<Part> parts() {
        return List.copyOf(parts);
    }

    /** Everything that is damaged or missing, in the order of the log. */
    List<JournalDamagedException> damage() {
        return List.copyOf(damage);
    }

    void throwIfDamaged() {
        if (!damage.isEmpty()) {
            JournalDamagedException first = damage.get(0);
            damage.subList(1, damage.size()).forEach(first::addSuppressed);
            throw first;
        }
    }

    /** The last position that can be read. */
    long end() {
        return parts.isEmpty() ? 0 : parts.get(parts.size() - 1).extent().lastPosition();
    }

    Part part(long first) {
        return parts.stream()
                .filter(part -> part.header().firstPosition() == first)
                .findFirst()
                .orElseThrow();
    }

    /** {@code left} counts the segments from this one on: 1 is the last. */
    private void look(long first, int left, boolean everyEntry) throws IOException {
        Path path = folder.resolve(SegmentHeader.fileName(first));
        try (JournalFile file = files.open(path, true)) {
            Part part = left == 1 && file.size() <= SegmentHeader.BYTES
                    ? empty(file, path, first)
                    : read(file, path, left, everyEntry);
            checkOrder(part, path);
            parts.add(part);
            afterDamage = false;
        } catch (IOException e) {
            throw SalvageFile.damage(path, 0, e);
        }
    }

    private Part empty(JournalFile file, Path path, long first) throws IOException {
        if (file.size() < SegmentHeader.BYTES && formerIsSealed()) {
            throw new JournalDamagedException(
                    path, file.size(), "it was emptied: it had a header when the segment before it was closed");
        }
        SegmentHeader header;
        boolean torn = false;
        try {
            header = SegmentScanner.header(file, path, meta.journalId());
        } catch (JournalDamagedException e) {
            if (file.size() == SegmentHeader.BYTES && isFloor(first, SegmentHeader.BYTES + 1)) {
                throw e;
            }
            header = new SegmentHeader(meta.epoch(), meta.journalId(), first, 0);
            torn = true;
        }
        Segment.Extent extent = Segment.Extent.empty(header);
        if (isFloor(first, SegmentHeader.BYTES + 1)) {
            throw new JournalDamagedException(path, file.size(), "entries that had been synced are missing");
        }
        return new Part(header, extent, new SparseIndex(first), file.size(), "", torn, false);
    }

    private boolean formerIsSealed() {
        return !parts.isEmpty() && parts.get(parts.size() - 1).extent().closed();
    }

    private boolean isFloor(long first, long bytes) {
        return meta.floor().segment() == first && meta.floor().bytes() >= bytes;
    }

    private Part read(JournalFile file, Path path, int left, boolean everyEntry) throws IOException {
        SegmentHeader header = SegmentScanner.headerOf(file, path, meta);
        boolean rebuilt = SegmentScanner.isHeaderDamaged(file);
        SegmentScanner scanner = new SegmentScanner(file, header);
        SparseIndex index = new SparseIndex(header.firstPosition());
        Seal seal = scanner.seal();
        if (seal != null && left > 1 && !everyEntry) {
            Segment.Extent extent = new Segment.Extent(
                    seal.offset(),
                    seal.lastPosition(),
                    seal.entries(),
                    seal.firstTimestampMs(),
                    seal.lastTimestampMs(),
                    true);
            return new Part(header, extent, index, file.size(), "", rebuilt, false);
        }
        long floor =
                meta.floor().segment() == header.firstPosition() ? meta.floor().bytes() : 0;
        SegmentScanner.Result result = scanner.scan(index, floor);
        boolean sealMissing = left > 1 && isAllButTheSeal(result, header, left);
        Part part =
                new Part(header, result.extent(), index, result.fileBytes(), result.problem(), rebuilt, sealMissing);
        String wrong = sealMissing ? "" : wrong(result, left);
        if (!wrong.isEmpty()) {
            parts.add(part);
            throw new JournalDamagedException(path, result.extent().bytes(), wrong);
        }
        return part;
    }

    /** True if the entries reach to the next segment, and no more than a seal stands after them. */
    private boolean isAllButTheSeal(SegmentScanner.Result result, SegmentHeader header, int left) throws IOException {
        List<Long> firsts = files.list(folder).stream()
                .map(SegmentHeader::positionOf)
                .filter(first -> first >= 0)
                .toList();
        long next = firsts.get(firsts.size() - left + 1);
        return result.ending() != SegmentScanner.Ending.SEALED
                && result.extent().entries() > 0
                && result.extent().lastPosition() + 1 == next
                && result.fileBytes() == result.extent().bytes() + Seal.BYTES
                && header.firstPosition() < next;
    }

    private String wrong(SegmentScanner.Result result, int left) {
        return switch (result.ending()) {
            case DAMAGED -> result.problem();
            case SEALED -> left == 1 ? "the segment that follows it is missing" : "";
            case OPEN, TORN ->
                left == 1 || (left == 2 && lastIsEmpty())
                        ? ""
                        : "not closed, though a segment follows it. " + result.problem();
        };
    }

    private boolean lastIsEmpty() {
        try {
            List<String> names = files.list(folder);
            String last = names.stream()
                    .filter(name -> SegmentHeader.positionOf(name) >= 0)
                    .reduce((a, b) -> b)
                    .orElseThrow();
            try (JournalFile file = files.open(folder.resolve(last), true)) {
                return file.size() <= SegmentHeader.BYTES;
            }
        } catch (IOException e) {
            throw new JournalException("folder=" + folder + " cannot be read", e);
        }
    }

    private void checkOrder(Part part, Path path) {
        long first = part.header().firstPosition();
        if (parts.isEmpty()) {
            if (first > meta.first() && !afterDamage) {
                throw missing(meta.first(), first - 1);
            }
            return;
        }
        long expected = end() + 1;
        if (first > expected && !afterDamage) { // else what is missing is what was damaged
            damage.add(missing(expected, first - 1));
        } else if (first < expected) {
            damage.add(new JournalDamagedException(path, 0, "it begins below position " + expected));
        }
        int epoch = part.header().epoch();
        if (epoch > meta.epoch() || (part.extent().entries() > 0 && epoch != meta.epochOf(first))) {
            damage.add(
                    new JournalDamagedException(path, 0, "epoch " + epoch + " does not belong to position " + first));
        }
    }

    private void checkWhole() {
        JournalMeta.Floor floor = meta.floor();
        if (damage.isEmpty() && end() < floor.end()) {
            damage.add(missing(end() + 1, floor.end()));
        }
        if (damage.isEmpty() && parts.isEmpty() && floor.segment() > 0) {
            damage.add(missing(meta.first(), Math.max(meta.first(), floor.end())));
        }
        long started = meta.epochStarts().get(meta.epoch() - 1);
        if (damage.isEmpty() && end() + 1 < started) {
            damage.add(missing(end() + 1, started - 1));
        }
    }

    private JournalDamagedException missing(long from, long to) {
        return new JournalDamagedException(
                folder.resolve(SegmentHeader.fileName(from)), 0, "positions " + from + " to " + to + " are missing");
    }
}
