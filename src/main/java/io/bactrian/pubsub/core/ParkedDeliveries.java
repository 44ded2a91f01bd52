package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Command;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Deliveries that came too early, by position and at most a window of them, so that only what is missing need come again. */
final class ParkedDeliveries {
    /**
     * One of them.
     *
     * @param previous the last position that is for the subscriber before it
     * @param timeMs when the hub logged it, in ms since 1970; 0 if that is not told
     */
    record Parked(long position, long previous, long timeMs, Batch batch) {}

    private final TreeMap<Long, Parked> parked = new TreeMap<>();
    private final int bytesMax;
    private long bytes;

    ParkedDeliveries(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    void park(Command.Deliver deliver, Batch batch) {
        int more = batch.bytes().length;
        if (bytes + more <= bytesMax && !parked.containsKey(deliver.position())) {
            parked.put(deliver.position(), new Parked(deliver.position(), deliver.previous(), deliver.timeMs(), batch));
            bytes += more;
        }
    }

    /** Gives out the first one if nothing is missing before it any more; null otherwise. */
    @Nullable Parked next(long received) {
        Map.Entry<Long, Parked> first = parked.firstEntry();
        if (first == null || first.getValue().previous() > received) {
            return null;
        }
        parked.remove(first.getKey());
        bytes -= first.getValue().batch().bytes().length;
        return first.getValue();
    }

    void clear() {
        parked.clear();
        bytes = 0;
    }
}
