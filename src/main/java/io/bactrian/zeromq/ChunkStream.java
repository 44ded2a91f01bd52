package io.bactrian.zeromq;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A body that arrives in chunks while it is read. It holds as many octets as its sender has credit for, and says of each
 * chunk when it is read, so that the sender may send another one. Any thread adds and fails, one thread reads.
 */
final class ChunkStream extends InputStream {

    /** Octets, and who is told that they are read (null), or why they never will be. */
    private static final class Chunk {
        private final byte[] data;
        private final Consumer<@Nullable String> outcome;

        Chunk(byte[] data, Consumer<@Nullable String> outcome) {
            this.data = data;
            this.outcome = outcome;
        }
    }

    private final long credit;
    private final long timeoutMs;
    /** The first one is being read. */
    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();

    private long received;
    private long unread;
    private boolean complete;
    private @Nullable String failure;
    private int position;

    /**
     * @param credit octets that may be here and not be read
     * @param timeoutMs how long a read waits for the next chunk
     */
    ChunkStream(long credit, long timeoutMs) {
        this.credit = credit;
        this.timeoutMs = timeoutMs;
    }

    /** Adds octets of the body. They fail the stream if they are not what is due. */
    void add(long offset, byte[] data, Consumer<@Nullable String> outcome) {
        String wrong;
        synchronized (this) {
            wrong = wrong(offset, data.length);
            if (wrong == null) {
                received += data.length;
                unread += data.length;
                chunks.add(new Chunk(data, outcome));
                notifyAll();
            }
        }
        if (wrong != null) {
            outcome.accept(fail(wrong));
        }
    }

    private @Nullable String wrong(long offset, int length) {
        if (failure != null) {
            return failure;
        }
        if (offset != received) {
            return "octets from " + offset + " on came where those from " + received + " on were due";
        }
        if (complete) {
            return "octets came after the end";
        }
        return unread + length > credit ? "more octets came than there was credit for" : null;
    }

    /** No more will come. It fails the stream if that is too early. */
    void end(long length) {
        boolean whole;
        synchronized (this) {
            whole = length == received;
            complete |= whole;
            notifyAll();
        }
        if (!whole) {
            fail("not all of " + length + " octets came");
        }
    }

    /** Ends the stream: who reads gets an exception. Returns the first reason, which stays. */
    String fail(String reason) {
        String first;
        List<Chunk> left;
        synchronized (this) {
            first = failure == null ? reason : failure;
            failure = first;
            left = List.copyOf(chunks);
            chunks.clear();
            notifyAll();
        }
        left.forEach(chunk -> chunk.outcome.accept(first));
        return first;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        Chunk chunk = length == 0 ? null : next();
        if (chunk == null) {
            return length == 0 ? 0 : -1;
        }
        int count = Math.min(length, chunk.data.length - position);
        System.arraycopy(chunk.data, position, target, offset, count);
        position += count;
        if (position == chunk.data.length) {
            finish(chunk);
        }
        return count;
    }

    /** Reads the rest and throws it away. */
    void drain() throws IOException {
        Chunk chunk = next();
        while (chunk != null) {
            finish(chunk);
            chunk = next();
        }
    }

    private void finish(Chunk chunk) {
        position = 0;
        boolean read;
        synchronized (this) {
            read = chunks.remove(chunk);
            unread -= chunk.data.length;
        }
        if (read) {
            chunk.outcome.accept(null);
        }
    }

    /** The chunk to read, waiting for it; null at the end. */
    private @Nullable Chunk next() throws IOException {
        String wrong;
        synchronized (this) {
            long deadline = System.nanoTime() + timeoutMs * 1_000_000;
            long leftMs = timeoutMs;
            while (failure == null && chunks.isEmpty() && !complete && leftMs > 0) {
                try {
                    wait(leftMs);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw (IOException) new InterruptedIOException("interrupted while the body was read").initCause(e);
                }
                leftMs = (deadline - System.nanoTime() + 999_999) / 1_000_000;
            }
            if (failure == null && (complete || !chunks.isEmpty())) {
                return chunks.peek();
            }
            wrong = failure;
        }
        throw new IOException("the body is not complete: "
                + (wrong == null ? fail("nothing came any more streamTimeout=" + timeoutMs + " ms") : wrong));
    }
}
