package io.bactrian.backup.core;

import io.bactrian.support.file.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Operations of backup and restore on files, besides writing. */
public final class BackupFiles {
    private static final int CHECK_BYTES = 4096;

    private BackupFiles() {}

    /** The checksum of the last octets before an offset. */
    public static int check(Path file, long to) throws IOException {
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
    public static boolean link(Path source, Path target) throws IOException {
        Path aside = target.resolveSibling(target.getFileName() + DurableFiles.ASIDE);
        Files.deleteIfExists(aside);
        try {
            Files.createLink(aside, source);
        } catch (NoSuchFileException gone) {
            throw gone;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false;
        }
        DurableFiles.move(aside, target);
        return true;
    }

    /** The SHA-256 of octets, in hexadecimal digits. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The files in a folder; none if there is no such folder. */
    public static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
