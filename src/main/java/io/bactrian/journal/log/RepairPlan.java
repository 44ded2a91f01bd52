package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds out, without changing anything, what a damaged journal is made of and what must be written to make it whole again. */
final class RepairPlan {
    /** Epochs that nobody can know of any more, if the journal's own file is lost, are skipped. */
    private static final int UNKNOWN_EPOCHS = 100;

    /** Ends the name of a segment whose file had another's name, while the files of a journal are named anew. */
    private static final String FOUND = ".found";

    /**
     * A segment as it must be.
     *
     * @param file the damaged file that it is made of; null if there is none
     * @param limit where the entries of that file end
     * @param end the last position that it must reach
     */
    record Rewrite(SegmentHeader header, @Nullable Path file, long limit, long end) {}

    private record Found(
            Path path,
            SegmentHeader header,
            boolean headerDamaged,
            long size,
            @Nullable Seal seal) {

        boolean isNamedRightly() {
            return header.fileName().equals(String.valueOf(path.getFileName()));
        }
    }

    private final JournalFiles files;
    private final Path folder;
    private final List<String> findings = new ArrayList<>();
    private final List<JournalRepair.Range> lost = new ArrayList<>();
    private final List<Rewrite> rewrites = new ArrayList<>();
    private final List<Path> foreign = new ArrayList<>();
    private final List<Found> misnamed = new ArrayList<>();
    private final JournalMeta meta;
    private long end;
    private boolean openAtEnd;

    RepairPlan(JournalFiles files, Path folder) throws IOException {
        this.files = files;
        this.folder = folder;
        this.meta = readMeta();
        if (meta.cut() != null) {
            throw new JournalException(
                    "folder=" + folder + " is being cut: open the journal once, which finishes that");
        }
        segments(found());
    }

    List<String> findings() {
        return List.copyOf(findings);
    }

    /** The positions that are lost, ascending and not adjoining. */
    List<JournalRepair.Range> lost() {
        List<JournalRepair.Range> joined = new ArrayList<>();
        for (JournalRepair.Range range : lost) {
            JournalRepair.Range former = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (former != null && former.to() + 1 == range.from()) {
                joined.set(joined.size() - 1, new JournalRepair.Range(former.from(), range.to()));
            } else {
                joined.add(range);
            }
        }
        return joined;
    }

    List<Rewrite> rewrites() {
        return List.copyOf(rewrites);
    }

    /** Files that are no part of this journal. */
    List<Path> foreign() {
        return List.copyOf(foreign);
    }

    /** Whether segments are there under names of others. */
    boolean isMisnamed() {
        return !misnamed.isEmpty();
    }

    /** Gives each segment the name that its header says; afterwards this plan is out of date. */
    void nameRightly() throws IOException {
        // All leave their names before one takes its own: exchanged names need that, and what is cut off is found
        // again.
        for (Found segment : misnamed) {
            Path away = folder.resolve(segment.header().fileName() + FOUND);
            if (!segment.path().equals(away)) {
                files.rename(segment.path(), away);
            }
        }
        files.forceFolder(folder);
        for (Found segment : misnamed) {
            String name = segment.header().fileName();
            files.rename(folder.resolve(name + FOUND), folder.resolve(name));
        }
        files.forceFolder(folder);
    }

    /** What the journal says of itself, or must have said. */
    JournalMeta meta() {
        return meta;
    }

    private JournalMeta readMeta() throws IOException {
        try {
            return JournalMeta.read(files, folder);
        } catch (JournalDamagedException e) {
            JournalMeta rebuilt = rebuiltMeta();
            findings.add(JournalMeta.FILE + " and its copy cannot be read: rebuilt from the headers of the segments");
            return rebuilt;
        }
    }

    /** The last position of the journal as it will be. */
    long end() {
        return end;
    }

    /** Whether a new empty segment must follow, because the last one is closed. */
    boolean needsNewSegment() {
        return !openAtEnd;
    }

    private JournalMeta rebuiltMeta() throws IOException {
        List<SegmentHeader> headers = new ArrayList<>();
        for (String name : files.list(folder)) {
            SegmentHeader header = positionByName(name) < 0 ? null : header(folder.resolve(name));
            if (header != null) {
                headers.add(header);
            }
        }
        if (headers.isEmpty()) {
            throw new JournalDamagedException(
                    folder.resolve(JournalMeta.FILE), 0, "no segment has a header from which it could be rebuilt");
        }
        headers.sort(Comparator.comparingLong(SegmentHeader::firstPosition));
        TreeMap<Integer, Long> starts = new TreeMap<>();
        for (SegmentHeader header : headers) {
            if (header.journalId() != headers.get(0).journalId()) {
                throw new JournalDamagedException(
                        folder.resolve(header.fileName()),
                        0,
                        "the segments are of several journals, so none of them can be told");
            }
            starts.putIfAbsent(header.epoch(), header.firstPosition());
        }
        long first = headers.get(0).firstPosition();
        List<Long> epochs = new ArrayList<>(List.of(1L));
        for (int epoch = 2; epoch <= starts.lastKey(); epoch++) {
            long from = starts.ceilingEntry(epoch).getValue();
            epochs.add(starts.floorKey(epoch) == null || epoch <= starts.firstKey() ? Math.min(from, first) : from);
        }
        return new JournalMeta(headers.get(0).journalId(), first, epochs, JournalMeta.Floor.NONE);
    }

    /** The epoch that begins after the end. */
    int nextEpoch() {
        return meta.epoch() + (findings.stream().anyMatch(f -> f.startsWith(JournalMeta.FILE)) ? UNKNOWN_EPOCHS : 1);
    }

    private @Nullable SegmentHeader header(Path path) throws IOException {
        try (JournalFile file = new SalvageFile(files.open(path, true))) {
            ByteBuffer buffer = ByteBuffer.allocate(SegmentHeader.BYTES);
            file.read(buffer, 0);
            return SegmentHeader.decode(buffer.flip());
        }
    }

    private List<Found> found() throws IOException {
        TreeMap<Long, Found> found = new TreeMap<>();
        for (String name : files.list(folder)) {
            long named = positionByName(name);
            if (named < 0) {
                continue;
            }
            Path path = folder.resolve(name);
            SegmentHeader header = header(path);
            if (header != null && header.journalId() != meta.journalId()) {
                findings.add(name + " is no segment of this journal: moved aside");
                foreign.add(path);
                continue;
            }
            SegmentHeader right =
                    header != null ? header : new SegmentHeader(meta.epochOf(named), meta.journalId(), named, 0);
            try (JournalFile file = new SalvageFile(files.open(path, true))) {
                Seal seal = new SegmentScanner(file, right).seal();
                Found one = new Found(path, right, header == null, file.size(), seal);
                found.merge(right.firstPosition(), one, this::better);
            }
        }
        for (Found segment : found.values()) {
            String name = String.valueOf(segment.path().getFileName());
            if (!segment.isNamedRightly()) {
                findings.add(name + " holds the segment " + segment.header().fileName() + ": it is named so");
                misnamed.add(segment);
            }
        }
        return List.copyOf(found.values());
    }

    private static long positionByName(String name) {
        return SegmentHeader.positionOf(
                name.endsWith(FOUND) ? name.substring(0, name.length() - FOUND.length()) : name);
    }

    /** Which of two files for one place in the journal is its segment: one with a header, then one with the right name. */
    private Found better(Found one, Found other) {
        boolean isOther = one.headerDamaged() != other.headerDamaged() ? one.headerDamaged() : other.isNamedRightly();
        Found kept = isOther ? other : one;
        Found left = isOther ? one : other;
        findings.add(left.path().getFileName() + " is not the segment of its name, "
                + kept.path().getFileName() + " is: moved aside");
        foreign.add(left.path());
        return kept;
    }

    private void segments(List<Found> found) throws IOException {
        long next = found.isEmpty()
                ? meta.first()
                : Math.min(meta.first(), found.get(0).header().firstPosition());
        end = next - 1;
        for (int i = 0; i < found.size(); i++) {
            Found segment = found.get(i);
            long first = segment.header().firstPosition();
            if (first < end + 1) {
                findings.add(segment.path().getFileName() + " begins below position " + (end + 1) + ": moved aside");
                foreign.add(segment.path());
                continue;
            }
            if (first > end + 1) {
                fill(first - 1, true);
            }
            boolean isLast = i + 1 == found.size();
            segment(segment, isLast ? Long.MAX_VALUE : found.get(i + 1).header().firstPosition() - 1, isLast);
        }
        long promised = Math.max(meta.floor().end(), meta.epochStarts().get(meta.epoch() - 1) - 1);
        if (promised > end) {
            fill(promised, false);
        }
        if (!openAtEnd) {
            findings.add("the newest segment is missing: what it held after position " + end + " is lost");
        }
    }

    /** @param bound the position before the next segment; {@link Long#MAX_VALUE} for the last one */
    private void segment(Found segment, long bound, boolean isLast) throws IOException {
        String name = String.valueOf(segment.path().getFileName());
        Seal seal = segment.seal();
        long last = seal == null ? bound : Math.min(seal.lastPosition(), bound);
        long limit = seal == null ? segment.size() : seal.offset();
        long floor = meta.floor().segment() == segment.header().firstPosition()
                ? meta.floor().end()
                : 0;
        int before = lost.size();
        long reached = segment.header().firstPosition() - 1;
        long refused;
        try (SalvageFile file = new SalvageFile(files.open(segment.path(), true))) {
            SegmentSalvage salvage = new SegmentSalvage(
                    file,
                    segment.header(),
                    SegmentHeader.BYTES,
                    segment.header().firstPosition(),
                    Math.max(limit, SegmentHeader.BYTES),
                    last);
            for (Entry entry = salvage.next(); entry != null; entry = salvage.next()) {
                reached = entry.last();
                if (salvage.isDamage()) {
                    lose(entry.position(), entry.last(), name);
                }
            }
            refused = file.refusedBytes();
        }
        if (refused > 0) {
            findings.add(name + ": the disk refuses to give " + refused + " bytes of it");
        }
        if (isLast && seal == null && floor > reached) {
            lose(reached + 1, floor, name);
            reached = floor;
        }
        boolean emptied = isLast && segment.size() < SegmentHeader.BYTES;
        boolean unsealed = !isLast && seal == null;
        if (segment.headerDamaged()) {
            findings.add(name + (emptied ? " was emptied: it begins anew" : ": the header is rebuilt"));
        }
        if (unsealed && lost.size() == before) {
            findings.add(name + ": the seal is rebuilt");
        }
        if (segment.headerDamaged() || unsealed || refused > 0 || lost.size() > before) {
            rewrites.add(new Rewrite(segment.header(), segment.path(), limit, reached));
        }
        end = reached;
        openAtEnd = isLast && seal == null;
    }

    private void lose(long from, long to, String file) {
        lost.add(new JournalRepair.Range(from, to));
        findings.add(file + ": positions " + from + " to " + to + " are lost");
    }

    /** Segments in the place of ones that are missing, one for each epoch. */
    private void fill(long to, boolean followed) {
        for (long from = end + 1; from <= to; ) {
            int epoch = meta.epochOf(from);
            long epochEnd =
                    epoch == meta.epoch() ? to : Math.min(to, meta.epochStarts().get(epoch) - 1);
            while (epochEnd < from) { // epochs that are empty
                epoch++;
                epochEnd = epoch == meta.epoch()
                        ? to
                        : Math.min(to, meta.epochStarts().get(epoch) - 1);
            }
            long last = Math.min(epochEnd, from + Integer.MAX_VALUE - 1);
            SegmentHeader header = new SegmentHeader(epoch, meta.journalId(), from, 0);
            lose(from, last, header.fileName() + " is missing");
            rewrites.add(new Rewrite(header, null, 0, last));
            from = last + 1;
        }
        end = to;
        openAtEnd = !followed;
    }
}
