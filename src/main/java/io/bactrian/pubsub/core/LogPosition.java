package io.bactrian.pubsub.core;

/**
 * A place in a log that means one entry, also after the log was cut and went on: a position alone would mean another one
 * then.
 *
 * @param epoch the log epoch of the entry, 0 if there is none
 * @param position from 1, or 0
 */
public record LogPosition(int epoch, long position) {
    /** Before all that any log holds. */
    public static final LogPosition NONE = new LogPosition(0, 0);

    /** Whether a log still holds, or has purged, what was at this place when it was noted. */
    boolean isIn(LogReader log) {
        return position == 0 || (epoch <= log.epoch() && position <= log.end() && position <= log.endOfEpoch(epoch));
    }
}
