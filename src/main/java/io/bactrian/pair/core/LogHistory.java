package io.bactrian.pair.core;

import java.util.List;

/**
 * The facts of a log that tell what it has in common with a copy.
 *
 * <p>An epoch is the life of one writer, so entries of one epoch at one position are equal, and so is all that lies below
 * them (the log matching property of Raft, section 5.3; Kafka's leader epochs work alike).
 *
 * @param id which log; copies have the same
 * @param first the oldest position that is kept
 * @param end the last position, 0 if there is none
 * @param epochStarts the first position of each epoch; index 0 is epoch 1
 */
public record LogHistory(String id, long first, long end, List<Long> epochStarts) {
    public LogHistory {
        epochStarts = List.copyOf(epochStarts);
    }

    /** The same without the epochs, where nobody needs them. */
    LogHistory withoutEpochs() {
        return new LogHistory(id, first, end, List.of());
    }

    /** The epoch of the last entry, 0 if there is none. */
    public int lastEpoch() {
        return end < first && first == 1 ? 0 : epochOf(end);
    }

    private int epochOf(long position) {
        int epoch = epochStarts.size();
        while (epoch > 1 && epochStarts.get(epoch - 1) > position) {
            epoch--;
        }
        return epoch;
    }

    /** Whether a node of this side has written something of it. */
    boolean hasEntriesOf(Side side) {
        for (int epoch = side.epochAbove(0); epoch <= epochStarts.size(); epoch += 2) {
            long next = epoch < epochStarts.size() ? epochStarts.get(epoch) : end + 1;
            if (startOf(epoch) < next) {
                return true;
            }
        }
        return false;
    }

    private long startOf(int epoch) {
        return epochStarts.get(epoch - 1);
    }

    /** The epochs that begin at or before a position. */
    public List<Long> startsUpTo(long position) {
        return epochStarts.stream().filter(start -> start <= position).toList();
    }

    /** Whether this log must not give way to another: its last entry is of a later epoch, or as late and not lower. */
    public boolean isAsRecentAs(LogHistory other) {
        return lastEpoch() != other.lastEpoch() ? lastEpoch() > other.lastEpoch() : end >= other.end;
    }

    /** The last position up to which both logs hold the same entries; 0 if there is none. */
    public long commonEnd(LogHistory other) {
        if (!id.equals(other.id)) {
            return 0;
        }
        long position = Math.min(end, other.end);
        while (position > 0) {
            int own = epochOf(position);
            int others = other.epochOf(position);
            if (own == others) {
                return position;
            }
            position = (own > others ? startOf(own) : other.startOf(others)) - 1;
        }
        return 0;
    }
}
