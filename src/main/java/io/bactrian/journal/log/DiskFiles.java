package io.bactrian.journal.log;

import io.bactrian.support.file.DurableFiles;
import io.bactrian.support.file.ProcessLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** The real file system. */
final class DiskFiles implements JournalFiles {
    static final DiskFiles INSTANCE = new DiskFiles(false);

    /** For looking at a journal beside its writer: opens everything for reading only. */
    static final DiskFiles READ_ONLY = new DiskFiles(true);

    private final boolean readOnlyAlways;

    private DiskFiles(boolean readOnlyAlways) {
        this.readOnlyAlways = readOnlyAlways;
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException absent) {
            return List.of();
        }
    }

    @Override
    public byte[] readAll(Path file) throws IOException {
        return Files.readAllBytes(file);
    }

    @Override
    public JournalFile create(Path file) throws IOException {
        return new DiskFile(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    @Override
    public JournalFile open(Path file, boolean readOnly) throws IOException {
        return readOnly || readOnlyAlways
                ? new DiskFile(file, StandardOpenOption.READ)
                : new DiskFile(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public void rename(Path source, Path target) throws IOException {
        DurableFiles.move(source, target);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        DurableFiles.forceFolder(folder);
    }

    @Override
    public Closeable lock(Path file) throws IOException {
        try {
            return ProcessLock.take(file);
        } catch (ProcessLock.LockedException e) {
            throw new JournalLockedException("folder=" + file.toAbsolutePath().getParent()
                    + (e.isByThisProcess() ? " is open in this process already" : " is locked by another process"));
        }
    }
}
