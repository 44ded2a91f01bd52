package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Command;

/**
 * Puts the deliveries of a subscriber in order and hands them out: drops what it had before, parks what comes behind a gap, and
 * keeps to the window.
 *
 * <p>Not thread-safe.
 */
final class Resequencer {
    private final SubscriberOutput output;
    private final SubscriberProgress progress;
    private final ProcessedSequences sequences;
    private final int windowBytes;
    private final ParkedDeliveries parked;

    private long delivered;
    private long duplicates;
    private long gaps;
    private long overruns;

    Resequencer(SubscriberOutput output, SubscriberProgress progress, ProcessedSequences sequences, int windowBytes) {
        this.output = output;
        this.progress = progress;
        this.sequences = sequences;
        this.windowBytes = windowBytes;
        parked = new ParkedDeliveries(windowBytes);
    }

    /** Forgets what is parked: it comes again. */
    void clear() {
        parked.clear();
    }

    /** See {@link SubscriberProgress#standAt}. */
    void standAt(long position) {
        parked.clear();
        progress.standAt(position);
    }

    /** See {@link SubscriberProgress#withdrawnTo}. */
    void withdrawnTo(long position) {
        parked.clear();
        progress.withdrawnTo(position);
    }

    /**
     * Counts a gap if there is one.
     *
     * @param previous the last position that is for the subscriber before what has come
     * @return whether something is missing before that
     */
    boolean misses(long previous) {
        if (previous > progress.received()) {
            gaps++;
            return true;
        }
        return false;
    }

    void park(Command.Deliver deliver, Batch batch) {
        parked.park(deliver, batch);
    }

    /** Takes a delivery before which nothing is missing, and what was parked behind it. */
    void take(Command.Deliver deliver, Batch batch) {
        take(batch, deliver.position(), deliver.timeMs(), deliver.logEpoch());
        takeParked(deliver.logEpoch());
    }

    /** Takes what is parked, up to the next gap; all of it is of this log epoch. */
    void takeParked(int logEpoch) {
        ParkedDeliveries.Parked next = parked.next(progress.received());
        while (next != null) {
            take(next.batch(), next.position(), next.timeMs(), logEpoch);
            next = parked.next(progress.received());
        }
    }

    private void take(Batch whole, long first, long timeMs, int logEpoch) {
        Batch batch = whole;
        long position = first;
        int bytes = batch.bytes().length;
        long received = progress.received();
        if (position + batch.count() - 1 <= received) {
            duplicates += batch.count();
            return;
        }
        if (!progress.fits(bytes, windowBytes)) {
            overruns++;
            return;
        }
        if (position <= received) {
            int had = (int) (received - position + 1);
            duplicates += had;
            batch = batch.slice(had, batch.count());
            position = received + 1;
        }
        int before = sequences.processedBefore(batch, logEpoch);
        if (before > 0) {
            // Its publisher has sent it again to a log that had lost it.
            duplicates += before;
            progress.receivedTo(position + before - 1);
            if (before == batch.count()) {
                return;
            }
            batch = batch.slice(before, batch.count());
            position += before;
        }
        delivered += batch.count();
        progress.handOut(batch, position, bytes);
        output.deliver(batch, position, timeMs);
    }

    /** Records that were handed out. */
    long delivered() {
        return delivered;
    }

    /** Records that were dropped, as they were had before. */
    long duplicates() {
        return duplicates;
    }

    long gaps() {
        return gaps;
    }

    /** Deliveries that were dropped, as they were above the window. */
    long overruns() {
        return overruns;
    }
}
