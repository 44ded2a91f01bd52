package io.bactrian.federation.core;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * An entry of the history's journal: records, and up to where they take the copy of another process's journal. So both are on
 * the disk together or not at all.
 *
 * @param log the identity of this journal; only a checkpoint says it
 * @param from the process whose journal the records come from; empty for the own ones
 * @param fromLog the identity of that journal
 * @param fromPosition up to where it is copied
 * @param records the records
 * @param lasts of a checkpoint: the last number of each origin
 * @param cursors of a checkpoint: up to where each journal is copied, as {@code log position}
 */
public record HistoryEntry(
        String log,
        String from,
        String fromLog,
        long fromPosition,
        List<HistoryRecord> records,
        Map<String, Long> lasts,
        Map<String, String> cursors) {
    /** After so many entries there is a checkpoint. */
    public static final int CHECKPOINT_ENTRIES = 5_000;

    private static final int RECORDS_MAX = 1_000_000;
    private static final int BYTES_MAX = 64 << 20;

    public HistoryEntry {
        records = List.copyOf(records);
        lasts = Map.copyOf(lasts);
        cursors = Map.copyOf(cursors);
    }

    static HistoryEntry own(List<HistoryRecord> records) {
        return new HistoryEntry("", "", "", 0, records, Map.of(), Map.of());
    }

    static HistoryEntry copied(String from, String fromLog, long fromPosition, List<HistoryRecord> records) {
        return new HistoryEntry("", from, fromLog, fromPosition, records, Map.of(), Map.of());
    }

    static HistoryEntry checkpoint(String log, Map<String, Long> lasts, Map<String, String> cursors) {
        return new HistoryEntry(log, "", "", 0, List.of(), lasts, cursors);
    }

    /** The entry as octets. */
    public byte[] write() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(octets)) {
            out.writeUTF(log);
            out.writeUTF(from);
            out.writeUTF(fromLog);
            out.writeLong(fromPosition);
            writeRecords(out, records);
            out.writeInt(lasts.size());
            for (Map.Entry<String, Long> last : lasts.entrySet()) {
                out.writeUTF(last.getKey());
                out.writeLong(last.getValue());
            }
            out.writeInt(cursors.size());
            for (Map.Entry<String, String> cursor : cursors.entrySet()) {
                out.writeUTF(cursor.getKey());
                out.writeUTF(cursor.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    /** Reads what {@link #write} has written; {@link IllegalArgumentException} if it is something else. */
    public static HistoryEntry read(byte[] octets) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets))) {
            String log = in.readUTF();
            String from = in.readUTF();
            String fromLog = in.readUTF();
            long position = in.readLong();
            List<HistoryRecord> records = readRecords(in);
            Map<String, Long> lasts = new TreeMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                lasts.put(in.readUTF(), in.readLong());
            }
            Map<String, String> cursors = new TreeMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                cursors.put(in.readUTF(), in.readUTF());
            }
            return new HistoryEntry(log, from, fromLog, position, records, lasts, cursors);
        } catch (IOException e) {
            throw new IllegalArgumentException("an entry of the history is cut off", e);
        }
    }

    /** Records, compressed for the way to the parent. */
    static byte[] pack(List<HistoryRecord> records) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(octets))) {
            writeRecords(out, records);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    static List<HistoryRecord> unpack(byte[] octets) {
        try (DataInputStream in = new DataInputStream(
                new BoundedInput(new InflaterInputStream(new ByteArrayInputStream(octets)), BYTES_MAX))) {
            return readRecords(in);
        } catch (IOException e) {
            throw new IllegalArgumentException("a batch of history is cut off or too large", e);
        }
    }

    private static void writeRecords(DataOutputStream out, List<HistoryRecord> records) throws IOException {
        out.writeInt(records.size());
        for (HistoryRecord item : records) {
            out.writeUTF(item.origin());
            out.writeLong(item.number());
            out.writeLong(item.atMs());
            out.writeUTF(item.name());
            out.writeDouble(item.value());
            out.writeUTF(item.text());
        }
    }

    private static List<HistoryRecord> readRecords(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > RECORDS_MAX) {
            throw new IllegalArgumentException("a batch of history has at most " + RECORDS_MAX + " records");
        }
        List<HistoryRecord> records = new ArrayList<>(Math.min(count, 10_000));
        for (int i = 0; i < count; i++) {
            records.add(new HistoryRecord(
                    in.readUTF(), in.readLong(), in.readLong(), in.readUTF(), in.readDouble(), in.readUTF()));
        }
        return records;
    }
}
