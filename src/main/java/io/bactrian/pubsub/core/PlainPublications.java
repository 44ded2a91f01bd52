package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds batches back from plain subscribers until they are committed. A hub whose batches are committed as soon as they
 * are logged never holds any. From the first that had to wait on, all go this way, so that none overtakes another. What is
 * above the bound is dropped, the oldest first: plain subscribers get a message at most once. Not thread-safe.
 */
final class PlainPublications {
    private record WaitingBatch(long position, Batch batch) {}

    private final ArrayDeque<WaitingBatch> waiting = new ArrayDeque<>();
    private final long bytesMax;
    private long bytes;
    private long dropped;
    private boolean deferring;

    PlainPublications(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Batches are logged from a position on; returns them if they may go at once, otherwise none. */
    List<Batch> logged(List<Batch> batches, long firstPosition, long committed) {
        long next = firstPosition;
        for (Batch batch : batches) {
            next += batch.count();
        }
        deferring |= next - 1 > committed;
        if (!deferring) {
            return batches;
        }
        next = firstPosition;
        for (Batch batch : batches) {
            next += batch.count();
            waiting.add(new WaitingBatch(next - 1, batch));
            bytes += batch.bytes().length;
        }
        while (bytes > bytesMax) {
            dropped += remove().count();
        }
        return List.of();
    }

    /** The batches that have become free, in the order of the log. */
    List<Batch> free(long committed) {
        List<Batch> free = new ArrayList<>();
        while (!waiting.isEmpty() && waiting.peek().position() <= committed) {
            free.add(remove());
        }
        return free;
    }

    private Batch remove() {
        Batch batch = waiting.remove().batch();
        bytes -= batch.bytes().length;
        return batch;
    }

    /** Messages that were dropped, as too many were waiting. */
    long dropped() {
        return dropped;
    }
}
