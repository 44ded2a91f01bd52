package io.bactrian.journal.log;

import com.sun.nio.file.ExtendedOpenOption;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of the real file system.
 *
 * <p>Of a long write the whole blocks go past the page cache, from the caller's memory to the disk: they are forced
 * anyway, are read again from memory, and filling the cache costs as much as the disk does. What is left of a block at
 * either end goes through the cache, as every short write. A long read of whole blocks goes past it too. Where the file
 * system cannot do this, all goes through the cache.
 */
final class DiskFile implements JournalFile {
    private static final Logger LOG = LoggerFactory.getLogger(DiskFile.class);

    /** Memory and offsets of a write past the cache are multiples of this. */
    static final int BLOCK_BYTES = 4096;

    private static final int DIRECT_BYTES_MIN = 64 * 1024;
    private static final boolean DIRECT = Boolean.parseBoolean(System.getProperty("bactrian.journal.direct", "true"));

    private final Path path;
    private final Handle cached;
    private final boolean writable;
    private @Nullable Handle direct;
    private boolean directFails = !DIRECT;
    private boolean closed;

    DiskFile(Path path, OpenOption... options) throws IOException {
        this.path = path;
        this.writable = List.of(options).contains(StandardOpenOption.WRITE);
        this.cached = new Handle(path, FileChannel.open(path, options), reopenOptions());
    }

    private OpenOption[] reopenOptions(OpenOption... more) {
        List<OpenOption> options = new ArrayList<>(List.of(more));
        options.add(StandardOpenOption.READ);
        if (writable) {
            options.add(StandardOpenOption.WRITE);
        }
        return options.toArray(OpenOption[]::new);
    }

    @Override
    public long size() throws IOException {
        return cached.repeatable(FileChannel::size);
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        int head = (int) (-offset & (BLOCK_BYTES - 1));
        int middle = (source.remaining() - head) & -BLOCK_BYTES;
        Handle past = middle < DIRECT_BYTES_MIN || !isAligned(source, source.position() + head) ? null : direct();
        if (past == null) {
            cached.write(source, offset);
            return;
        }
        int start = source.position();
        int limit = source.limit();
        try {
            past.write(source.position(start + head).limit(start + head + middle), offset + head);
        } catch (IOException e) {
            // Either this file system cannot do it, or the ordinary write fails too, and tells.
            LOG.info("file={} is used through the page cache from here on: {}", path, FileErrors.say(e));
            closeDirect();
            cached.write(source.limit(limit).position(start), offset);
            return;
        }
        cached.write(source.limit(start + head).position(start), offset);
        cached.write(source.limit(limit).position(start + head + middle), offset + head + middle);
    }

    private static boolean isAligned(ByteBuffer source, int index) {
        return source.isDirect() && source.alignmentOffset(index, BLOCK_BYTES) == 0;
    }

    /** The handle that goes past the cache, or null if there is none. */
    private synchronized @Nullable Handle direct() throws IOException {
        if (direct == null && !directFails && !closed) {
            OpenOption[] options = reopenOptions(ExtendedOpenOption.DIRECT);
            try {
                if (BLOCK_BYTES % Files.getFileStore(path).getBlockSize() == 0) {
                    direct = new Handle(path, FileChannel.open(path, options), options);
                }
            } catch (UnsupportedOperationException | IOException e) {
                LOG.debug("file={} cannot be used past the page cache", path, e);
            }
            directFails = direct == null;
        }
        return direct;
    }

    private synchronized void closeDirect() throws IOException {
        directFails = true;
        Handle open = direct;
        direct = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
        boolean blocks = target.remaining() >= DIRECT_BYTES_MIN
                && target.remaining() % BLOCK_BYTES == 0
                && offset % BLOCK_BYTES == 0
                && isAligned(target, target.position());
        Handle past = blocks ? direct() : null;
        if (past != null) {
            int start = target.position();
            try {
                return past.readBlocks(target, offset);
            } catch (IOException e) {
                LOG.info("file={} is used through the page cache from here on: {}", path, FileErrors.say(e));
                closeDirect();
                target.position(start);
            }
        }
        int start = target.position();
        return Math.toIntExact(cached.repeatable(open -> {
            target.position(start);
            while (target.hasRemaining()) {
                if (open.read(target, offset + target.position() - start) < 0) {
                    break;
                }
            }
            return (long) target.position() - start;
        }));
    }

    /** Also forces what went past the cache: the disk has a cache of its own, and the file has grown. */
    @Override
    public void force() throws IOException {
        cached.repeatable(open -> {
            open.force(false);
            return 0L;
        });
    }

    @Override
    public void truncate(long size) throws IOException {
        cached.repeatable(open -> {
            open.truncate(size);
            return 0L;
        });
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        try {
            closeDirect();
        } finally {
            cached.close();
        }
    }

    private interface Work {
        long on(FileChannel channel) throws IOException;
    }

    /**
     * An open file that stays open. An interrupt closes the FileChannel on which the interrupted thread works, for all
     * threads. So whoever finds it closed opens it anew and repeats: all work is at given offsets and can be repeated, and
     * forcing a second handle forces the same file. The interrupt stays set for the caller.
     */
    private static final class Handle {
        private final Path path;
        private final OpenOption[] reopenOptions;
        private volatile FileChannel channel;
        private volatile boolean closed;

        Handle(Path path, FileChannel channel, OpenOption[] reopenOptions) {
            this.path = path;
            this.channel = channel;
            this.reopenOptions = reopenOptions.clone();
        }

        long repeatable(Work work) throws IOException {
            boolean interrupted = false;
            try {
                while (true) {
                    FileChannel used = channel;
                    try {
                        return work.on(used);
                    } catch (ClosedChannelException e) {
                        interrupted |= Thread.interrupted();
                        reopen(used, e);
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private synchronized void reopen(FileChannel used, ClosedChannelException why) throws IOException {
            if (closed) {
                throw why;
            }
            if (channel == used) {
                channel = FileChannel.open(path, reopenOptions);
            }
        }

        void write(ByteBuffer source, long offset) throws IOException {
            int start = source.position();
            repeatable(open -> {
                source.position(start);
                while (source.hasRemaining()) {
                    open.write(source, offset + source.position() - start);
                }
                return 0L;
            });
        }

        /** Reads whole blocks until the buffer is full or the file ends, which only the last block read may tell. */
        int readBlocks(ByteBuffer target, long offset) throws IOException {
            int start = target.position();
            return Math.toIntExact(repeatable(open -> {
                target.position(start);
                boolean more = true;
                while (more && target.hasRemaining()) {
                    int got = open.read(target, offset + target.position() - start);
                    more = got > 0 && got % BLOCK_BYTES == 0;
                }
                return (long) target.position() - start;
            }));
        }

        synchronized void close() throws IOException {
            closed = true;
            channel.close();
        }
    }
}
