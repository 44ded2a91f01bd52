package io.bactrian.pubsub.core;

/**
 * A place in a log that means one entry, also after the log was cut and went on: a position alone would mean another one
 * then.
 *
 * @param epoch the log epoch of the entry, 0 if nobody has noted one
 * @param position from 1; 0 before the first entry
 */
public record LogPosition(int epoch, long position) {
    /** Before all that any log holds, where nobody has noted a place. */
    public static final LogPosition NONE = new LogPosition(0, 0);

    /** What a log holds at a position, or has purged there. */
    static LogPosition of(LogReader log, long position) {
        int epoch = log.epoch();
        while (epoch > 1 && log.endOfEpoch(epoch - 1) >= position) {
            epoch--;
        }
        return new LogPosition(epoch, position);
    }

    /** Whether a log still holds, or has purged, what was at this place when it was noted. */
    boolean isIn(LogReader log) {
        return position == 0 || (epoch <= log.epoch() && position <= log.end() && position <= log.endOfEpoch(epoch));
    }
}
