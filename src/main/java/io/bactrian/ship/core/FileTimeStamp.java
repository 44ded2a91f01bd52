package io.bactrian.ship.core;

import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * When a file was modified. Times before 1970 count as 1970, because Java sets them so.
 *
 * @param seconds since 1970
 * @param nanos of the second
 */
record FileTimeStamp(long seconds, int nanos) {
    private static final long SECONDS_MAX = 1L << 40;

    static FileTimeStamp of(FileTime time) {
        Instant instant = time.toInstant();
        return instant.getEpochSecond() < 0
                ? new FileTimeStamp(0, 0)
                : new FileTimeStamp(Math.min(instant.getEpochSecond(), SECONDS_MAX), instant.getNano());
    }

    static FileTimeStamp read(FrameReader<ShipException> in) throws ShipException {
        long seconds = in.num();
        int nanos = in.num(999_999_999);
        if (seconds > SECONDS_MAX) {
            throw new ShipException(ShipErrorCode.MALFORMED, "a time is too late");
        }
        return new FileTimeStamp(seconds, nanos);
    }

    void write(FrameWriter out) {
        out.num(seconds).num(nanos);
    }

    FileTime toFileTime() {
        return FileTime.from(Instant.ofEpochSecond(seconds, nanos));
    }

    /** Whether it is not older than another time less a margin. */
    boolean notBefore(Instant other) {
        return !Instant.ofEpochSecond(seconds, nanos).isBefore(other);
    }
}
