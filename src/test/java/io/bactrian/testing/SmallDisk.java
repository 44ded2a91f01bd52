package io.bactrian.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * A file system of a fixed size, mounted on a folder until it is closed, that can be filled up and cleared again. Only
 * root can mount one, and not on every machine: elsewhere the test is skipped with one line.
 */
public final class SmallDisk implements AutoCloseable {
    private static final int BLOCK_BYTES = 4096;
    private static final int TIMEOUT_S = 60;

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Mounts an empty file system on a folder, which is made. */
    public static SmallDisk mount(Path folder, int megabytes) throws IOException {
        Files.createDirectories(folder);
        if (!runs("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString())) {
            System.err.println("Skipped, this machine lets the test mount no file system of a limited size");
            abort("no file system can be mounted");
        }
        return new SmallDisk(folder);
    }

    /** Takes all the room that is left. */
    public void fill() throws IOException {
        try (FileChannel ballast = FileChannel.open(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (ballast.write(ByteBuffer.allocate(BLOCK_BYTES)) > 0) {
                // until there is no room
            }
        } catch (IOException full) {
            if (folder.toFile().getUsableSpace() >= BLOCK_BYTES) {
                throw full;
            }
        }
    }

    /** Gives back what {@link #fill} has taken. */
    public void clear() throws IOException {
        Files.delete(ballast());
    }

    private Path ballast() {
        return folder.resolve("ballast");
    }

    @Override
    public void close() throws IOException {
        if (!runs("umount", folder.toString())) {
            throw new IOException(folder + " is still in use");
        }
    }

    private static boolean runs(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .inheritIO()
                    .start();
            return process.waitFor(TIMEOUT_S, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
