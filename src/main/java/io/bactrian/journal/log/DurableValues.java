package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A small file of keys and values with a checksum, which is always the old or the new one as a whole: it is written aside,
 * forced and renamed.
 */
public final class DurableValues {
    private DurableValues() {}

    /**
     * Reads them; empty if there is no such file.
     *
     * @param title the first line of the file, which says what it is
     * @throws JournalDamagedException if the checksum or the title is wrong
     */
    public static Map<String, String> read(Path file, String title) throws IOException {
        return DiskFiles.INSTANCE.exists(file) ? ChecksummedText.read(DiskFiles.READ_ONLY, file, title) : Map.of();
    }

    /** Replaces them, durably on return; keys and values hold no line breaks. */
    public static void write(Path file, String title, Map<String, String> values) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            DiskFiles.INSTANCE.createFolder(folder);
        }
        ChecksummedText.write(DiskFiles.INSTANCE, file, title, values);
    }
}
