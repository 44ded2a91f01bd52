package io.bactrian.journal.log;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One call of append, waiting for its group. */
final class AppendRequest {
    private static final long BYTES_MAX = 1L << 30;

    private enum State {
        WAITING,
        LEADING,
        DONE
    }

    private final List<NewEntry> entries;
    private final long bytes;
    private final Thread thread = Thread.currentThread();
    private volatile State state = State.WAITING;
    private long first;
    private @Nullable Exception failure;

    AppendRequest(List<NewEntry> entries, int maxEntryBytes) {
        this.entries = List.copyOf(entries);
        long sum = 0;
        for (NewEntry entry : this.entries) {
            int length = entry.payload().length;
            if (length > maxEntryBytes) {
                throw new IllegalArgumentException(
                        "The entry has " + length + " bytes; maxEntryBytes is " + maxEntryBytes);
            }
            sum += EntryFormat.HEADER_BYTES + (long) length;
        }
        if (entries.isEmpty() || sum > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "An append takes 1 entry or more and at most 1 GiB: entries=" + entries.size() + " bytes=" + sum);
        }
        this.bytes = sum;
    }

    List<NewEntry> entries() {
        return entries;
    }

    /** Bytes that the entries take in a segment. */
    long bytes() {
        return bytes;
    }

    void first(long position) {
        first = position;
    }

    void failed(Exception cause) {
        failure = cause;
    }

    /** The first position, once done; throws what made the append fail. */
    long result() {
        Exception cause = failure;
        if (cause == null) {
            return first;
        }
        throw AppendFailure.of(cause);
    }

    void lead() {
        state = State.LEADING;
        LockSupport.unpark(thread);
    }

    void done() {
        state = State.DONE;
        LockSupport.unpark(thread);
    }

    /** Waits; returns true if this thread must lead the next group, false if the request is done. */
    boolean awaitLead() {
        boolean interrupted = false;
        while (state == State.WAITING) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted(); // an append cannot be taken back: wait on, and tell the caller later
        }
        if (interrupted) {
            thread.interrupt();
        }
        return state == State.LEADING;
    }
}
