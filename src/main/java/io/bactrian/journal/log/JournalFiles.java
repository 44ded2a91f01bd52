package io.bactrian.journal.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** All that a journal does with the file system, so that a test can put a failing one in its place. */
interface JournalFiles {

    void createFolder(Path folder) throws IOException;

    boolean exists(Path file) throws IOException;

    /** The names of the files in a folder, sorted; empty if there is no such folder. */
    List<String> list(Path folder) throws IOException;

    byte[] readAll(Path file) throws IOException;

    /** Creates an empty file, replacing one that is there. */
    JournalFile create(Path file) throws IOException;

    /** Opens a file that is there, for reading and, unless {@code readOnly}, for writing. */
    JournalFile open(Path file, boolean readOnly) throws IOException;

    /** Replaces the target atomically; lasting only after {@link #forceFolder}. */
    void rename(Path source, Path target) throws IOException;

    void delete(Path file) throws IOException;

    /** Returns when creations, renamings and deletions in the folder are on the disk. */
    void forceFolder(Path folder) throws IOException;

    /** Takes the lock of a folder until closed; throws {@link JournalLockedException} if another has it. */
    Closeable lock(Path file) throws IOException;
}
