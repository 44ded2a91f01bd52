package io.bactrian.backup;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** What backup and restore do with files besides writing them. */
final class BackupFiles {
    /** Ending of a file that is being written. */
    static final String ASIDE = ".aside";

    private static final int CHECK_BYTES = 4096;

    private BackupFiles() {}

    /** Returns when creations, renamings and deletions in a folder are on the disk. */
    static void forceFolder(Path folder) throws IOException {
        // Windows can neither open nor force a folder; NTFS journals its metadata itself.
        if (File.separatorChar == '/') {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    static void forceFile(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Writes a small file aside, forces it and gives it its name, durably. */
    static void write(Path file, byte[] bytes) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ASIDE);
        Files.write(aside, bytes);
        forceFile(aside);
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceFolder(file.resolveSibling("."));
    }

    /** The checksum of the last octets before an offset. */
    static int check(Path file, long to) throws IOException {
        int length = (int) Math.min(CHECK_BYTES, to);
        ByteBuffer buffer = ByteBuffer.allocate(length);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, to - length + buffer.position()) < 0) {
                    throw new IOException("file=" + file + " ends before offset " + to);
                }
            }
        }
        CRC32C crc = new CRC32C();
        crc.update(buffer.flip());
        return (int) crc.getValue();
    }

    /** Makes a hard link under a name, in the place of what is there; false if the file system cannot. */
    static boolean link(Path source, Path target) throws IOException {
        Path aside = target.resolveSibling(target.getFileName() + ASIDE);
        Files.deleteIfExists(aside);
        try {
            Files.createLink(aside, source);
        } catch (NoSuchFileException gone) {
            throw gone;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false;
        }
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return true;
    }

    /** The files in a folder; none if there is no such folder. */
    static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
