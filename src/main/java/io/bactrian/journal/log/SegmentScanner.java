package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a whole segment and checks every entry.
 *
 * <p>Where an entry cannot be read and the segment may have been the last one, there are two cases. Either the process or
 * the machine died while it wrote a group that was not yet synced: a torn tail, which nobody was promised. Or bytes that
 * had been on the disk have changed: damage. It is damage if the place lies below what was noted as synced when the
 * journal was closed, or if any entry after it can be read that was written after that place had been synced (see
 * {@link EntryFormat}). Parts of one unsynced group may reach the disk in any order, so other readable entries after the
 * place prove nothing. What cannot be told apart, by anyone: damage to the last group before a crash.
 */
final class SegmentScanner {

    /** How a segment ends. */
    enum Ending {
        OPEN,
        SEALED,
        TORN,
        DAMAGED
    }

    /**
     * What a scan found.
     *
     * @param extent what can be read, from the start
     * @param ending what comes after it
     * @param fileBytes length of the file
     * @param problem what is wrong after {@code extent.bytes()}; empty if nothing
     */
    record Result(Segment.Extent extent, Ending ending, long fileBytes, String problem) {}

    private final JournalFile file;
    private final SegmentHeader header;
    private final byte[] seed;

    SegmentScanner(JournalFile file, SegmentHeader header) {
        this.file = file;
        this.header = header;
        this.seed = header.seed();
    }

    /** Reads the header of a segment; throws if it is damaged or not the one that the file's name tells. */
    static SegmentHeader header(JournalFile file, Path path, long journalId) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(SegmentHeader.BYTES);
        file.read(buffer, 0);
        SegmentHeader header = SegmentHeader.decode(buffer.flip());
        if (header == null) {
            throw new JournalDamagedException(path, 0, "no valid segment header");
        }
        if (header.journalId() != journalId) {
            throw new JournalDamagedException(path, 0, "the segment belongs to another journal");
        }
        if (!path.endsWith(header.fileName())) {
            throw new JournalDamagedException(
                    path, 0, "swapped: the segment says that it begins at position " + header.firstPosition());
        }
        return header;
    }

    static boolean isHeaderDamaged(JournalFile file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(SegmentHeader.BYTES);
        file.read(buffer, 0);
        return SegmentHeader.decode(buffer.flip()) == null;
    }

    /**
     * Like {@link #header}, but a header that is damaged is rebuilt from the name of the file and from what the journal knows, if
     * the checksum of the first entry proves that it was so.
     */
    static SegmentHeader headerOf(JournalFile file, Path path, JournalMeta meta) throws IOException {
        if (isHeaderDamaged(file)) {
            long first = SegmentHeader.positionOf(String.valueOf(path.getFileName()));
            SegmentHeader likely = new SegmentHeader(meta.epochOf(first), meta.journalId(), first, 0);
            EntryReader reader = new EntryReader(file, likely.seed(), SegmentHeader.BYTES, first, file.size());
            if (reader.next() && reader.isIntact()) {
                return new SegmentHeader(likely.epoch(), likely.journalId(), first, Math.abs(reader.timestampMs));
            }
        }
        return header(file, path, meta.journalId());
    }

    /** The seal at the end of the file, or null if there is none. */
    @Nullable Seal seal() throws IOException {
        long size = file.size();
        return size < SegmentHeader.BYTES + Seal.BYTES ? null : sealAt(size - Seal.BYTES);
    }

    /** Scans everything; {@code floorBytes} is the offset up to which the segment is known to have been synced. */
    Result scan(SparseIndex index, long floorBytes) throws IOException {
        long size = file.size();
        EntryReader reader = new EntryReader(file, seed, SegmentHeader.BYTES, header.firstPosition(), size);
        Segment.Extent extent = Segment.Extent.empty(header);
        String problem = "";
        while (reader.next()) {
            if (!reader.isIntact()) {
                problem = "wrong checksum of the entry at position " + reader.position;
                break;
            }
            index.note(reader.position, reader.offset);
            extent = extent.grown(
                    reader.endOffset(),
                    reader.endPosition() - 1,
                    1,
                    Math.abs(reader.timestampMs),
                    Math.abs(reader.timestampMs));
        }
        long at = extent.bytes();
        if (at == size) {
            return at < floorBytes
                    ? new Result(extent, Ending.DAMAGED, size, "bytes up to offset " + floorBytes + " are missing")
                    : new Result(extent, Ending.OPEN, size, "");
        }
        Seal seal = at + Seal.BYTES == size ? sealAt(at) : null;
        if (seal != null && seal.lastPosition() == extent.lastPosition()) {
            return new Result(extent.sealed(), Ending.SEALED, size, "");
        }
        if (problem.isEmpty()) {
            problem = reader.problem();
        }
        if (at < floorBytes) {
            return new Result(extent, Ending.DAMAGED, size, problem + "; it was synced when the journal was closed");
        }
        String evidence = laterEvidence(at, size, extent.lastPosition() + 1);
        return evidence.isEmpty()
                ? new Result(extent, Ending.TORN, size, problem)
                : new Result(extent, Ending.DAMAGED, size, problem + "; " + evidence);
    }

    private @Nullable Seal sealAt(long offset) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Seal.BYTES);
        file.read(buffer, offset);
        return Seal.decode(buffer.flip(), seed, offset);
    }

    /** What proves that the bytes at an offset had been good; empty if nothing does. */
    private String laterEvidence(long bad, long size, long expectedPosition) throws IOException {
        ByteBuffer rest = ByteBuffer.allocate((int) Math.min(Integer.MAX_VALUE - 8, size - bad));
        int length = file.read(rest, bad);
        byte[] bytes = rest.array();
        if (length >= Seal.BYTES && sealAt(size - Seal.BYTES) != null) {
            return "the segment was closed after it";
        }
        CRC32C crc = new CRC32C();
        long budget = 64L * length + (64 << 20);
        int at = 1;
        while (at <= length - EntryFormat.HEADER_BYTES) {
            int payload = plausiblePayload(rest, at, length, bad, expectedPosition);
            if (payload < 0) {
                at++;
                continue;
            }
            budget -= payload + EntryFormat.HEADER_BYTES;
            if (budget < 0) {
                return "too much looks like entries after it to tell whether it is a torn tail";
            }
            if (rest.getInt(at + EntryFormat.CRC_AT) != EntryFormat.checksum(crc, seed, bytes, at, payload)) {
                at++;
                continue;
            }
            if (rest.getInt(at + EntryFormat.SYNCED_AT) > bad) {
                return "position " + rest.getLong(at + EntryFormat.POSITION_AT) + " at offset " + (bad + at)
                        + " was written after it had been synced";
            }
            at += EntryFormat.HEADER_BYTES + payload;
        }
        return "";
    }

    private static int plausiblePayload(ByteBuffer rest, int at, int length, long bad, long expectedPosition) {
        long ahead = rest.getLong(at + EntryFormat.POSITION_AT) - expectedPosition;
        if (ahead <= 0 || ahead > 1L << 40) {
            return -1;
        }
        int payload = rest.getInt(at);
        int synced = rest.getInt(at + EntryFormat.SYNCED_AT);
        boolean plausible = payload >= 0
                && payload <= length - at - EntryFormat.HEADER_BYTES
                && rest.getInt(at + EntryFormat.COUNT_AT) >= 1
                && synced >= SegmentHeader.BYTES
                && synced <= bad + at;
        return plausible ? payload : -1;
    }
}
