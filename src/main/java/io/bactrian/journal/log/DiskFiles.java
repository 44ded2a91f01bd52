package io.bactrian.journal.log;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The real file system. */
final class DiskFiles implements JournalFiles {
    static final DiskFiles INSTANCE = new DiskFiles(false);

    /** For looking at a journal beside its writer: opens everything for reading only. */
    static final DiskFiles READ_ONLY = new DiskFiles(true);

    // Windows can neither open nor force a folder; NTFS journals its metadata itself.
    private static final boolean FOLDERS_CAN_BE_FORCED = File.separatorChar == '/';

    // On Unix a process loses a file's lock when it closes any handle of that file: so a second opening within the
    // process
    // must be refused before it touches the file.
    private static final Set<Path> LOCKED_HERE = ConcurrentHashMap.newKeySet();

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
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        if (FOLDERS_CAN_BE_FORCED) {
            try (JournalFile handle = new DiskFile(folder, StandardOpenOption.READ)) {
                handle.force();
            }
        }
    }

    @Override
    public Closeable lock(Path file) throws IOException {
        Path real = realPath(file);
        if (!LOCKED_HERE.add(real)) {
            throw new JournalLockedException("folder=" + real.getParent() + " is open in this process already");
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(real, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                throw new JournalLockedException("folder=" + real.getParent() + " is locked by another process");
            }
            return unlock(channel, real);
        } catch (IOException | RuntimeException e) {
            LOCKED_HERE.remove(real);
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
    }

    private static Closeable unlock(FileChannel channel, Path real) {
        return () -> {
            try {
                channel.close();
            } finally {
                LOCKED_HERE.remove(real);
            }
        };
    }

    private static Path realPath(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        return folder == null ? absolute : folder.toRealPath().resolve(absolute.getFileName());
    }
}
