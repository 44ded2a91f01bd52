package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values that a journal remembers beside its segments, in the file {@code journal.meta}.
 *
 * @param journalId a number that every segment repeats, see {@link JournalId}
 * @param first the oldest position that is kept; segments wholly below it may be deleted
 * @param epochStarts first position of each epoch; index 0 is epoch 1
 * @param floor what is known to have been on the disk when the file was written
 * @param cut the cut that is under way; it must be finished before anything else is done
 */
record JournalMeta(
        long journalId,
        long first,
        List<Long> epochStarts,
        Floor floor,
        @Nullable Cut cut) {
    static final String FILE = "journal.meta";

    /** The same again: it is read if the other one is damaged. */
    static final String COPY = "journal.meta.copy";

    private static final String TITLE = "bactrian-journal 1";

    /**
     * A place up to which the log was synced: damage before it is never a torn tail.
     *
     * @param segment first position of the segment; 0 if there was none
     * @param bytes offset in that segment
     * @param end last position before that offset
     */
    record Floor(long segment, long bytes, long end) {
        static final Floor NONE = new Floor(0, 0, 0);
    }

    /**
     * What is moved out of the log.
     *
     * @param above the last position that stays
     * @param aside name of the folder, beside the journal's, that gets what is moved
     * @param all true if every segment is moved, and the log begins anew with the position after {@code above}
     */
    record Cut(long above, String aside, boolean all) {}

    JournalMeta {
        epochStarts = List.copyOf(epochStarts);
    }

    JournalMeta(long journalId, long first, List<Long> epochStarts, Floor floor) {
        this(journalId, first, epochStarts, floor, null);
    }

    int epoch() {
        return epochStarts.size();
    }

    JournalMeta withFirst(long position) {
        return new JournalMeta(journalId, position, epochStarts, floor, cut);
    }

    JournalMeta withFloor(Floor synced) {
        return new JournalMeta(journalId, first, epochStarts, synced, cut);
    }

    /** The epochs up to {@code epoch} that are not known yet begin at {@code start}. */
    JournalMeta withEpoch(int epoch, long start) {
        List<Long> starts = new ArrayList<>(epochStarts);
        while (starts.size() < epoch) {
            starts.add(start);
        }
        return new JournalMeta(journalId, first, starts, floor, cut);
    }

    /** The mark of a cut: nothing counts as synced until it is finished. */
    JournalMeta withCut(Cut mark, List<Long> starts) {
        return new JournalMeta(journalId, first, starts, Floor.NONE, mark);
    }

    JournalMeta withoutCut(Floor synced) {
        return new JournalMeta(journalId, first, epochStarts, synced, null);
    }

    /** The epoch in which a position lies. */
    int epochOf(long position) {
        for (int epoch = epoch(); epoch > 1; epoch--) {
            if (position >= epochStarts.get(epoch - 1)) {
                return epoch;
            }
        }
        return 1;
    }

    void write(JournalFiles files, Path folder) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("id", Long.toHexString(journalId));
        values.put("first", Long.toString(first));
        values.put(
                "epochs",
                String.join(",", epochStarts.stream().map(String::valueOf).toList()));
        values.put("synced", floor.segment + "," + floor.bytes + "," + floor.end);
        Cut mark = cut;
        if (mark != null) {
            values.put("cut", mark.above + "," + mark.all + "," + mark.aside);
        }
        // The copy first: if it fails, the file that counts is still the former one, as whoever called believes.
        ChecksummedText.write(files, folder.resolve(COPY), TITLE, values);
        ChecksummedText.write(files, folder.resolve(FILE), TITLE, values);
    }

    /** Whether a folder has the file or its copy. */
    static boolean isThere(JournalFiles files, Path folder) throws IOException {
        return files.exists(folder.resolve(FILE)) || files.exists(folder.resolve(COPY));
    }

    /**
     * Reads the file, or its copy if the file is damaged or missing.
     *
     * @throws JournalDamagedException if neither can be read; it names the file
     */
    static JournalMeta read(JournalFiles files, Path folder) throws IOException {
        JournalDamagedException damage;
        try {
            if (files.exists(folder.resolve(FILE))) {
                return readFile(files, folder.resolve(FILE));
            }
            damage = new JournalDamagedException(folder.resolve(FILE), 0, "missing");
        } catch (JournalDamagedException e) {
            damage = e;
        }
        try {
            if (files.exists(folder.resolve(COPY))) {
                return readFile(files, folder.resolve(COPY));
            }
        } catch (JournalDamagedException e) {
            damage.addSuppressed(e);
        }
        throw damage;
    }

    /** Writes file and copy again if one of them does not hold this; returns whether the file itself did not. */
    boolean heal(JournalFiles files, Path folder) throws IOException {
        boolean damaged = !isIn(files, folder.resolve(FILE));
        if (damaged || !isIn(files, folder.resolve(COPY))) {
            write(files, folder);
        }
        return damaged;
    }

    private boolean isIn(JournalFiles files, Path path) throws IOException {
        try {
            return files.exists(path) && readFile(files, path).equals(this);
        } catch (JournalDamagedException e) {
            return false;
        }
    }

    private static JournalMeta readFile(JournalFiles files, Path path) throws IOException {
        Map<String, String> values = ChecksummedText.read(files, path, TITLE);
        try {
            List<Long> synced = numbers(values, "synced");
            return new JournalMeta(
                    Long.parseUnsignedLong(value(values, "id"), 16),
                    Long.parseLong(value(values, "first")),
                    numbers(values, "epochs"),
                    new Floor(synced.get(0), synced.get(1), synced.get(2)),
                    cut(values.get("cut")));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new JournalDamagedException(path, 0, "it cannot be understood: " + e.getMessage());
        }
    }

    private static @Nullable Cut cut(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String[] parts = text.split(",", 3);
        return new Cut(Long.parseLong(parts[0]), parts[2], Boolean.parseBoolean(parts[1]));
    }

    private static String value(Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("no " + key);
        }
        return value;
    }

    private static List<Long> numbers(Map<String, String> values, String key) {
        List<Long> numbers = new ArrayList<>();
        for (String number : value(values, key).split(",", -1)) {
            numbers.add(Long.valueOf(number));
        }
        return numbers;
    }
}
