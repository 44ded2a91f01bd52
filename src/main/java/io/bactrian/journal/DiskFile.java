package io.bactrian.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A file of the real file system.
 *
 * <p>An interrupt closes the FileChannel on which the interrupted thread works, for all threads. So whoever finds it
 * closed opens it anew and repeats: all work is at given offsets and can be repeated, and forcing a second handle forces
 * the same file. The interrupt stays set for the caller.
 */
final class DiskFile implements JournalFile {
    private final Path path;
    private final OpenOption[] reopenOptions;
    private volatile FileChannel channel;
    private volatile boolean closed;

    DiskFile(Path path, OpenOption... options) throws IOException {
        this.path = path;
        boolean writable = List.of(options).contains(StandardOpenOption.WRITE);
        this.reopenOptions = writable
                ? new OpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE}
                : new OpenOption[] {StandardOpenOption.READ};
        this.channel = FileChannel.open(path, options);
    }

    private interface Work {
        long on(FileChannel channel) throws IOException;
    }

    private long repeatable(Work work) throws IOException {
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

    @Override
    public long size() throws IOException {
        return repeatable(FileChannel::size);
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
        int start = source.position();
        repeatable(open -> {
            source.position(start);
            while (source.hasRemaining()) {
                open.write(source, offset + source.position() - start);
            }
            return 0L;
        });
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
        int start = target.position();
        return Math.toIntExact(repeatable(open -> {
            target.position(start);
            while (target.hasRemaining()) {
                if (open.read(target, offset + target.position() - start) < 0) {
                    break;
                }
            }
            return (long) target.position() - start;
        }));
    }

    @Override
    public void force() throws IOException {
        repeatable(open -> {
            open.force(false);
            return 0L;
        });
    }

    @Override
    public void truncate(long size) throws IOException {
        repeatable(open -> {
            open.truncate(size);
            return 0L;
        });
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }
}
