package io.bactrian.backup.routes;

import io.bactrian.support.file.DurableFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file as a {@code file:} endpoint takes them. When the endpoint has read them all and closes this stream,
 * what it has written is forced to the disk: that is before it gives the file its name. (The endpoint's own option {@code
 * forceWrites} does nothing in Camel 4.17.) One thread.
 */
public final class BackupContent extends InputStream implements StreamCache {
    /** Of much that is written so much is forced at a time: the hub shares the disk, and waits behind what is forced. */
    private static final long FORCE_BYTES = 256 << 10;

    private interface Opening {
        InputStream open() throws IOException;
    }

    private final Opening opening;
    private final long length;
    private final Path written;
    private @Nullable InputStream open;
    private long position;
    private long forcedTo;
    private boolean forced;
    private @Nullable IOException failure;

    private BackupContent(Opening opening, long length, Path written) {
        this.opening = opening;
        this.length = length;
        this.written = written;
    }

    /** Bytes in memory; {@code written} is the file to which the endpoint writes them. */
    static BackupContent of(byte[] bytes, Path written) {
        return new BackupContent(() -> new ByteArrayInputStream(bytes), bytes.length, written);
    }

    /** A part of a file; {@code written} is the file to which the endpoint writes it. */
    static BackupContent of(Path file, long from, long to, Path written) {
        return new BackupContent(() -> new Region(file, from, to), to - from, written);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        InputStream in = open;
        if (in == null) {
            in = opening.open();
            open = in;
        }
        if (position - forcedTo >= FORCE_BYTES && Files.exists(written)) {
            force();
            forcedTo = position;
        }
        int got = in.read(target, offset, count);
        position += Math.max(0, got);
        return got;
    }

    @Override
    public void close() throws IOException {
        closeSource();
        if (position == length && !forced && Files.exists(written)) {
            force();
            forced = true;
        }
    }

    private void force() throws IOException {
        try {
            DurableFiles.forceFile(written);
        } catch (IOException e) {
            // Camel only logs what a stream throws when it is closed: so it is told again by checkForced.
            failure = e;
            throw e;
        }
    }

    private void closeSource() throws IOException {
        InputStream in = open;
        open = null;
        if (in != null) {
            in.close();
        }
    }

    /** Throws if what was read is not on the disk. */
    void checkForced() throws IOException {
        IOException why = failure;
        if (why != null) {
            throw new IOException("file=" + written + " was not forced to the disk: " + why.getMessage(), why);
        }
        if (!forced) {
            throw new IOException("file=" + written + " was not written: " + position + " of " + length + " bytes");
        }
    }

    @Override
    public void reset() {
        try {
            closeSource();
        } catch (IOException e) {
            failure = e;
        }
        position = forced ? length : 0;
        forcedTo = 0;
    }

    @Override
    public void writeTo(OutputStream target) throws IOException {
        transferTo(target);
    }

    @Override
    public StreamCache copy(Exchange exchange) {
        return this;
    }

    @Override
    public boolean inMemory() {
        return false;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long position() {
        return position;
    }

    /** Reads a part of a file that may be growing. */
    private static final class Region extends InputStream {
        private final Path file;
        private final FileChannel channel;
        private final long to;
        private long at;

        Region(Path file, long from, long to) throws IOException {
            this.file = file;
            this.channel = FileChannel.open(file, StandardOpenOption.READ);
            this.at = from;
            this.to = to;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            if (at >= to) {
                return -1;
            }
            int got = channel.read(ByteBuffer.wrap(target, offset, (int) Math.min(count, to - at)), at);
            if (got < 0) {
                throw new IOException("file=" + file + " ends at " + at + ", before offset " + to);
            }
            at += got;
            return got;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
