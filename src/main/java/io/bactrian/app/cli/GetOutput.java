package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.StandardOutput;
import io.bactrian.support.file.DurableFiles;
import io.bactrian.support.thread.NamedThreads;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where {@code get} writes: a file, whose length is known, or standard output. One thread, and one of its own that syncs, so
 * that more is gathered meanwhile.
 */
final class GetOutput implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GetOutput.class);
    /** Above it what was cut off goes to a second file, in place of what was there. */
    private static final long CUT_BYTES_MAX = 64 << 20;

    private static final long SYNC_SECONDS = 30;

    private final @Nullable Path path;
    private @Nullable FileChannel file;
    private @Nullable Object identity;
    private long length;
    private final PrintStream stream;
    private final ExecutorService syncs =
            Executors.newSingleThreadExecutor(work -> NamedThreads.PLAIN.newThread("bactrian-output", work));
    private @Nullable Future<Long> flushing;

    private GetOutput(@Nullable Path path, PrintStream stream) throws IOException {
        this.path = path;
        this.stream = stream;
        if (path != null) {
            open(path);
        }
    }

    static GetOutput to(@Nullable Path path) throws IOException {
        try {
            return new GetOutput(path, System.out);
        } catch (FileSystemException e) {
            throw new CommandFailedException(
                    "The output " + path + " cannot be opened: "
                            + Objects.requireNonNullElse(
                                    e.getReason(), e.getClass().getSimpleName()),
                    e);
        }
    }

    /** Everything is appended, so a file that somebody else cuts gets no gap. */
    private void open(Path at) throws IOException {
        FileChannel opened = FileChannel.open(at, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        file = opened;
        identity = identity(at);
        length = opened.size();
    }

    private static @Nullable Object identity(Path at) throws IOException {
        try {
            return Files.readAttributes(at, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Cuts the file to the length that was saved with the cursor. Returns whether it begins anew: it is empty or new, and
     * what was in it was moved away.
     *
     * @throws CommandFailedException if it is not the file of this subscriber
     */
    boolean cutTo(OptionalLong saved) throws IOException {
        FileChannel open = file;
        if (open == null || saved.isEmpty()) {
            return false;
        }
        long size = open.size();
        if (saved.getAsLong() < size && !endsAMessage(saved.getAsLong())) {
            throw new CommandFailedException(
                    "The output " + path + " has " + size + " octets, and no message ends at the "
                            + saved.getAsLong()
                            + " that were written to it: it is not the file of this subscriber; move it away, and a"
                            + " new one begins");
        } else if (saved.getAsLong() < size) {
            putAside(saved.getAsLong());
            open.truncate(saved.getAsLong());
        } else if (saved.getAsLong() > size && size > 0) {
            throw new CommandFailedException("The output " + path + " has " + size + " octets, but " + saved.getAsLong()
                    + " were written to it: it is not the file of this subscriber, or was cut; move it away, and a new one"
                    + " begins");
        }
        length = open.size();
        return saved.getAsLong() > 0 && size == 0;
    }

    private boolean endsAMessage(long saved) throws IOException {
        if (path == null || saved == 0) {
            return true;
        }
        try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer octet = ByteBuffer.allocate(1);
            return in.read(octet, saved - 1) == 1 && (octet.get(0) == '\n' || octet.get(0) == 0);
        }
    }

    /** What is cut off comes again if this subscriber wrote it before it was killed; it may be somebody else's. */
    private void putAside(long from) throws IOException {
        if (path == null) {
            return;
        }
        Path aside = path.resolveSibling(path.getFileName() + ".cut");
        if (Files.exists(aside) && Files.size(aside) > CUT_BYTES_MAX) {
            Files.move(aside, path.resolveSibling(path.getFileName() + ".cut.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(aside, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            long at = from;
            long size = in.size();
            while (at < size) {
                at += in.transferTo(at, size - at, out);
            }
            DurableFiles.force(out);
        }
        LOG.warn(
                "what was not recorded as written is cut off, and comes again if it is ours file={} from={} kept in={}",
                path,
                from,
                aside);
    }

    /** Whether the file is not there any more under its name, or was cut: a rotation of logs does that. */
    boolean wasMovedAway() throws IOException {
        return path != null && file != null && (!Objects.equals(identity, identity(path)) || file.size() < length);
    }

    /** Goes on in a new file, or in the one that was emptied. */
    void beginAnew() throws IOException {
        if (path != null && file != null) {
            file.close();
            open(path);
        }
    }

    /** The file's length, -1 for standard output. */
    long length() {
        return file == null ? -1 : length;
    }

    /** The file's length on the disk now, -1 for standard output. */
    long size() throws IOException {
        return file == null ? -1 : file.size();
    }

    /** Writes the first octets of an array. */
    void write(byte[] octets, int count) throws IOException {
        if (file == null) {
            stream.write(octets, 0, count);
            return;
        }
        ByteBuffer buffer = ByteBuffer.wrap(octets, 0, count);
        while (buffer.hasRemaining()) {
            length += file.write(buffer);
        }
    }

    /** Begins to bring what was written out of our hands, and to disk if it is a file; {@link #endFlush} follows. */
    void beginFlush() {
        flushing = syncs.submit(() -> {
            long began = System.nanoTime();
            if (file == null) {
                StandardOutput.flush(stream);
            } else {
                DurableFiles.force(file);
            }
            return System.nanoTime() - began;
        });
    }

    /** Returns when what {@link #beginFlush} began is done: the nanoseconds that it took; 0 if nothing was begun. */
    long endFlush() throws IOException, InterruptedException {
        Future<Long> begun = flushing;
        flushing = null;
        try {
            return begun == null ? 0 : begun.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
    }

    /** A sync that is under way ends first. */
    @Override
    public void close() throws IOException {
        syncs.shutdown();
        try {
            if (!syncs.awaitTermination(SYNC_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the disk has not answered for {} s file={}", SYNC_SECONDS, path);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (file != null) {
                file.close();
            }
        }
    }
}
