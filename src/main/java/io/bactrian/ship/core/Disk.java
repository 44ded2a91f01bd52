package io.bactrian.ship.core;

import io.bactrian.support.file.DurableFiles;
import io.bactrian.support.file.ProcessLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** The operations of shipping on the disk that may fail, so that a test can put a failing one in its place. */
interface Disk {
    Disk REAL = new Disk() {
        @Override
        public FileChannel openForReading(Path file) throws IOException {
            return FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        }

        @Override
        public FileChannel openForWriting(Path file) throws IOException {
            return FileChannel.open(
                    file,
                    Set.of(
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE,
                            LinkOption.NOFOLLOW_LINKS));
        }

        @Override
        public Closeable lock(Path file) throws IOException {
            return ProcessLock.take(file);
        }

        @Override
        public void write(FileChannel file, ByteBuffer octets, long at) throws IOException {
            long place = at;
            while (octets.hasRemaining()) {
                place += file.write(octets, place);
            }
        }

        @Override
        public void force(FileChannel file) throws IOException {
            DurableFiles.force(file);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            DurableFiles.move(from, to);
        }

        @Override
        public boolean delete(Path file) throws IOException {
            return Files.deleteIfExists(file);
        }

        @Override
        public void forceFolder(Path folder) throws IOException {
            DurableFiles.forceFolder(folder);
        }
    };

    /** Opens a file for reading; not through a link. */
    FileChannel openForReading(Path file) throws IOException;

    /** Opens a file, or makes it, for reading and writing; not through a link. */
    FileChannel openForWriting(Path file) throws IOException;

    /** Takes a lock; {@link ProcessLock.LockedException} if somebody has it. */
    Closeable lock(Path file) throws IOException;

    void write(FileChannel file, ByteBuffer octets, long at) throws IOException;

    void force(FileChannel file) throws IOException;

    /** Replaces the target atomically. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file or an empty folder. Returns whether it was there. */
    boolean delete(Path file) throws IOException;

    /** Returns when creations, renamings and deletions in the folder are on the disk. Windows does that by itself. */
    void forceFolder(Path folder) throws IOException;
}
