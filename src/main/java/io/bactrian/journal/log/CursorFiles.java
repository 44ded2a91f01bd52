package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The files of a journal's cursors: {@code cursors/<name>.cursor}. */
public final class CursorFiles {
    static final String FOLDER = "cursors";
    private static final String TITLE = "bactrian-cursor 1";
    private static final String SUFFIX = ".cursor";
    private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9._-]{0,99}";

    private final JournalFiles files;
    private final Path folder;

    CursorFiles(JournalFiles files, Path journal) {
        this.files = files;
        this.folder = journal.resolve(FOLDER);
    }

    public static void checkName(String name) {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException("cursor=" + name + " must be 1 to 100 of letters, digits, '_', '.' and "
                    + "'-', not beginning with '.' or '-'");
        }
    }

    /** All cursors: name and the position that was processed last. */
    Map<String, Long> load() throws IOException {
        Map<String, Long> cursors = new TreeMap<>();
        for (String file : files.list(folder)) {
            if (file.endsWith(SUFFIX)) {
                cursors.put(file.substring(0, file.length() - SUFFIX.length()), read(folder.resolve(file)));
            }
        }
        return cursors;
    }

    /** The names of cursors whose files cannot be read. */
    List<String> damaged() throws IOException {
        List<String> damaged = new ArrayList<>();
        for (String file : files.list(folder)) {
            if (file.endsWith(SUFFIX) && !isReadable(folder.resolve(file))) {
                damaged.add(file.substring(0, file.length() - SUFFIX.length()));
            }
        }
        return damaged;
    }

    /** All cursors whose files can be read. */
    Map<String, Long> readable() throws IOException {
        Map<String, Long> cursors = new TreeMap<>();
        for (String file : files.list(folder)) {
            if (file.endsWith(SUFFIX) && isReadable(folder.resolve(file))) {
                cursors.put(file.substring(0, file.length() - SUFFIX.length()), read(folder.resolve(file)));
            }
        }
        return cursors;
    }

    Path file(String name) {
        return folder.resolve(name + SUFFIX);
    }

    private boolean isReadable(Path path) throws IOException {
        try {
            return read(path) >= 0;
        } catch (JournalDamagedException e) {
            return false;
        }
    }

    private long read(Path path) throws IOException {
        String position = ChecksummedText.read(files, path, TITLE).get("position");
        try {
            return Long.parseLong(String.valueOf(position));
        } catch (NumberFormatException e) {
            throw new JournalDamagedException(path, 0, "position=" + position + " is not a number");
        }
    }

    void write(String name, long position, int epoch) throws IOException {
        files.createFolder(folder);
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", name);
        values.put("epoch", Integer.toString(epoch));
        values.put("position", Long.toString(position));
        ChecksummedText.write(files, folder.resolve(name + SUFFIX), TITLE, values);
    }

    void delete(String name) throws IOException {
        files.delete(folder.resolve(name + SUFFIX));
        files.forceFolder(folder);
    }
}
