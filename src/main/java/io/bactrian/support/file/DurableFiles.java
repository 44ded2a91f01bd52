package io.bactrian.support.file;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Forces files and folders to the disk, and replaces files as a whole. Any thread. */
public final class DurableFiles {
    /** Ending of a file that is being written. */
    public static final String ASIDE = ".aside";

    /** A file that only its owner can read. */
    public static final String PRIVATE = "rw-------";

    // Windows can neither open nor force a folder; NTFS journals its metadata itself.
    private static final boolean FOLDERS_CAN_BE_FORCED = File.separatorChar == '/';

    private DurableFiles() {}

    /** Returns when creations, renamings and deletions in a folder are on the disk. */
    public static void forceFolder(Path folder) throws IOException {
        if (FOLDERS_CAN_BE_FORCED) {
            force(folder, StandardOpenOption.READ);
        }
    }

    /** Returns when what was written to a file is on the disk, whoever wrote it. */
    public static void forceFile(Path file) throws IOException {
        force(file, StandardOpenOption.WRITE);
    }

    /** Returns when the file that is open there is on the disk, by whatever name it goes now. */
    public static void force(FileChannel file) throws IOException {
        file.force(true);
    }

    /** Returns when the octets of the open file are on the disk, but perhaps not its times. */
    public static void forceContent(FileChannel file) throws IOException {
        file.force(false);
    }

    /** Also forces for a thread that is interrupted, and leaves it so. */
    private static void force(Path path, OpenOption option) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try (FileChannel channel = FileChannel.open(path, option)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Gives a file another name, in the place of what has it; lasting only after {@link #forceFolder}. */
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Writes a small file aside and gives it its name: it is the former or the new one, as a whole, and durable on return. */
    public static void replace(Path file, byte[] octets) throws IOException {
        replace(
                file,
                octets,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
    }

    /** The same with a mode such as {@link #PRIVATE}, which it has from the first octet on; not where there are no modes. */
    public static void replace(Path file, byte[] octets, String mode) throws IOException {
        Files.deleteIfExists(aside(file));
        Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            replace(file, octets, options);
            return;
        }
        replace(file, octets, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
    }

    private static void replace(
            Path file, byte[] octets, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        Path aside = aside(file);
        ByteBuffer rest = ByteBuffer.wrap(octets);
        try (SeekableByteChannel channel = Files.newByteChannel(aside, options, attributes)) {
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        }
        for (FileAttribute<?> attribute : attributes) {
            // The process may mask bits of the mode of a file that it makes.
            Files.setAttribute(aside, attribute.name(), attribute.value());
        }
        forceFile(aside);
        move(aside, file);
        forceFolder(file.resolveSibling("."));
    }

    /** Begins with a dot: readers of a folder pass such files by. */
    private static Path aside(Path file) {
        return file.resolveSibling("." + file.getFileName() + ASIDE);
    }
}
