package io.bactrian.journal;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** The real file system. */
final class DiskFiles implements JournalFiles {
    static final DiskFiles INSTANCE = new DiskFiles();

    // Windows can neither open nor force a folder; NTFS journals its metadata itself.
    private static final boolean FOLDERS_CAN_BE_FORCED = File.separatorChar == '/';

    private DiskFiles() {}

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
        return readOnly
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
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException here) {
            channel.close();
            throw new JournalLockedException("folder=" + file.getParent() + " is open in this process already");
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new JournalLockedException("folder=" + file.getParent() + " is locked by another process");
    }
}
