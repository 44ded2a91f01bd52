package io.bactrian.backup.core;

import io.bactrian.journal.log.JournalCapture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The list of the parts of a backup: a text of {@code key=value} lines, the last of which is the checksum of those
 * before. Names of
 * files are relative to the backup folder.
 *
 * @param id when it was made, in UTC to the millisecond; a later backup of a folder has a greater one
 * @param version the version of Bactrian that made it
 * @param journalId the id of the log
 * @param first the oldest position of the log
 * @param end the last position of the log
 * @param epochStarts the first position of each log epoch
 * @param segments the oldest first
 * @param tables in the order in which they are restored
 */
public record Manifest(
        String id,
        String version,
        String journalId,
        long first,
        long end,
        List<Long> epochStarts,
        List<Manifest.SegmentCopy> segments,
        List<Manifest.Table> tables) {
    public static final String SUFFIX = ".manifest";
    public static final String DONE = ".done";
    private static final String TITLE = "bactrian-backup 1";
    private static final String CRC = "crc=";
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    public Manifest {
        epochStarts = List.copyOf(epochStarts);
        segments = List.copyOf(segments);
        tables = List.copyOf(tables);
    }

    /**
     * The beginning of a file that may be longer by now.
     *
     * @param file where it is, below the backup folder
     * @param check the checksum of the last octets that count, which tells it from another of the same name
     */
    public record SegmentCopy(String file, int epoch, long first, long last, long bytes, boolean closed, int check) {
        public JournalCapture.Part part() {
            return new JournalCapture.Part(
                    String.valueOf(Path.of(file).getFileName()), epoch, first, last, bytes, closed);
        }
    }

    /**
     * All rows of a table, packed.
     *
     * @param sha256 of the file, in hexadecimal
     */
    public record Table(String name, String file, long bytes, long rows, String sha256) {}

    public static String idOf(long atMs) {
        return ID.format(Instant.ofEpochMilli(atMs));
    }

    /** When a backup with an id was made, in ms since 1970; throws {@link java.time.DateTimeException} if it is none. */
    public static long timeOf(String id) {
        return Instant.from(ID.parse(id)).toEpochMilli();
    }

    public long atMs() {
        return timeOf(id);
    }

    public int epoch() {
        return epochStarts.size();
    }

    /** The log as it is once its segments are in a folder. */
    public JournalCapture capture(Path folder) {
        return new JournalCapture(
                folder,
                journalId,
                first,
                end,
                epochStarts,
                segments.stream().map(SegmentCopy::part).toList());
    }

    /** Describes the gap of the log between its first and last position, empty if there is none. */
    public Optional<String> gap() {
        long expected = first;
        for (SegmentCopy segment : segments) {
            if (segment.first() != expected) {
                return Optional.of("it lacks the positions " + expected + " to " + (segment.first() - 1));
            }
            expected = segment.last() + 1;
        }
        return expected - 1 == Math.max(end, first - 1)
                ? Optional.empty()
                : Optional.of("it lacks the positions " + expected + " to " + end);
    }

    /** The files that it needs. */
    public List<String> files() {
        return Stream.concat(
                        segments.stream().map(SegmentCopy::file),
                        tables.stream().map(Table::file))
                .toList();
    }

    public long bytes() {
        return segments.stream().mapToLong(SegmentCopy::bytes).sum()
                + tables.stream().mapToLong(Table::bytes).sum();
    }

    /** Whether it says the same of the log. */
    public boolean sameLogAs(Manifest other) {
        return journalId.equals(other.journalId)
                && first == other.first
                && end == other.end
                && epochStarts.equals(other.epochStarts)
                && segments.equals(other.segments);
    }

    public byte[] encode() {
        StringBuilder text = new StringBuilder(TITLE).append('\n');
        line(text, "id", id);
        line(text, "version", version);
        line(text, "journal", journalId);
        line(text, "first", first);
        line(text, "end", end);
        line(
                text,
                "epochs",
                String.join(",", epochStarts.stream().map(String::valueOf).toList()));
        for (SegmentCopy s : segments) {
            line(
                    text,
                    "segment",
                    s.file + " " + s.epoch + " " + s.first + " " + s.last + " " + s.bytes + " "
                            + (s.closed ? "closed" : "open") + " " + Integer.toHexString(s.check));
        }
        for (Table t : tables) {
            line(text, "table", t.name + " " + t.file + " " + t.bytes + " " + t.rows + " " + t.sha256);
        }
        String checksum = crc(text);
        text.append(CRC).append(checksum).append('\n');
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void line(StringBuilder text, String key, Object value) {
        text.append(key).append('=').append(value).append('\n');
    }

    private static String crc(CharSequence text) {
        CRC32C crc = new CRC32C();
        crc.update(text.toString().getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    /**
     * Reads the text.
     *
     * @throws IllegalArgumentException that says what is wrong with it
     */
    public static Manifest parse(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int crcAt = text.lastIndexOf(CRC);
        if (!text.startsWith("bactrian-backup ") || crcAt < 0) {
            throw new IllegalArgumentException("it is not the manifest of a backup");
        }
        if (!text.substring(crcAt).equals(CRC + crc(text.substring(0, crcAt)) + "\n")) {
            throw new IllegalArgumentException("wrong checksum");
        }
        if (!text.startsWith(TITLE + "\n")) {
            throw new IllegalArgumentException(
                    "it is of another version: " + text.lines().findFirst().orElse(""));
        }
        Map<String, String> values = new LinkedHashMap<>();
        List<SegmentCopy> segments = new ArrayList<>();
        List<Table> tables = new ArrayList<>();
        try {
            text.substring(0, crcAt).lines().skip(1).forEach(line -> {
                String[] pair = line.split("=", 2);
                switch (pair[0]) {
                    case "segment" -> segments.add(segment(pair[1].split(" ", -1)));
                    case "table" -> tables.add(table(pair[1].split(" ", -1)));
                    default -> values.put(pair[0], pair[1]);
                }
            });
            Manifest manifest = new Manifest(
                    text(values, "id"),
                    text(values, "version"),
                    text(values, "journal"),
                    Long.parseLong(text(values, "first")),
                    Long.parseLong(text(values, "end")),
                    Stream.of(text(values, "epochs").split(",", -1))
                            .map(Long::valueOf)
                            .toList(),
                    segments,
                    tables);
            manifest.gap().ifPresent(gap -> {
                throw new IllegalArgumentException(gap);
            });
            return manifest;
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a line of it is too short", e);
        }
    }

    private static String text(Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("it has no " + key);
        }
        return value;
    }

    private static SegmentCopy segment(String[] words) {
        return new SegmentCopy(
                confined(words[0]),
                Integer.parseInt(words[1]),
                Long.parseLong(words[2]),
                Long.parseLong(words[3]),
                Long.parseLong(words[4]),
                words[5].equals("closed"),
                Integer.parseUnsignedInt(words[6], 16));
    }

    private static Table table(String[] words) {
        return new Table(words[0], confined(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]), words[4]);
    }

    /** A manifest may have come from elsewhere: it names nothing outside its folder. */
    private static String confined(String file) {
        if (!file.matches("log/[0-9]{1,9}/[0-9]{19}[.]segment|state/[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new IllegalArgumentException("it names a file that no backup has: " + file);
        }
        return file;
    }
}
