package io.bactrian.ship.core;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The real disk, that counts how much is read of each file, and can refuse it. A test overrides what is to fail. */
class WatchedDisk implements Disk {
    private final Map<String, Long> read = new TreeMap<>();

    /** What was opened for reading since the last call, by file name, and how many octets of it were read. */
    Map<String, Long> takeRead() {
        Map<String, Long> taken = new TreeMap<>(read);
        read.clear();
        return taken;
    }

    /** Before each read; a test lets it fail. */
    void beforeRead(Path file) throws IOException {}

    /** Before each step that changes the disk; a test lets it fail. */
    void beforeChange(String step) throws IOException {}

    @Override
    public FileChannel openForReading(Path file) throws IOException {
        beforeRead(file);
        read.merge(file.getFileName().toString(), 0L, Long::sum);
        return new Watched(file, Disk.REAL.openForReading(file));
    }

    @Override
    public FileChannel openForWriting(Path file) throws IOException {
        beforeChange("open " + file.getFileName());
        return new Watched(file, Disk.REAL.openForWriting(file));
    }

    @Override
    public Closeable lock(Path file) throws IOException {
        beforeChange("open " + file.getFileName());
        return Disk.REAL.lock(file);
    }

    @Override
    public void write(FileChannel file, ByteBuffer octets, long at) throws IOException {
        beforeChange("write");
        Disk.REAL.write(file, octets, at);
    }

    @Override
    public void force(FileChannel file) throws IOException {
        beforeChange("force");
        Disk.REAL.force(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        beforeChange("rename to " + to.getFileName());
        Disk.REAL.rename(from, to);
    }

    @Override
    public boolean delete(Path file) throws IOException {
        beforeChange("delete " + file.getFileName());
        return Disk.REAL.delete(file);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        beforeChange("force the folder " + folder.getFileName());
        Disk.REAL.forceFolder(folder);
    }

    private final class Watched extends FileChannel {
        private final Path path;
        private final FileChannel file;

        Watched(Path path, FileChannel file) {
            this.path = path;
            this.file = file;
        }

        private int count(int octets) {
            read.merge(path.getFileName().toString(), (long) Math.max(0, octets), Long::sum);
            return octets;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            beforeRead(path);
            return count(file.read(into));
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            beforeRead(path);
            return count(file.read(into, position));
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) throws IOException {
            throw new UnsupportedOperationException("not counted");
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException("not counted");
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException("not counted");
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            return file.write(from);
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            return file.write(from, position);
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) throws IOException {
            return file.write(from, offset, length);
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) throws IOException {
            return file.transferFrom(source, position, count);
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            file.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            file.truncate(size);
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            file.force(metaData);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return file.lock(position, size, shared);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return file.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }
}
