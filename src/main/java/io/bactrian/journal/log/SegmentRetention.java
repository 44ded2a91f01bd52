package io.bactrian.journal.log;

import java.time.Duration;
import java.util.List;

/** Which segments are kept. */
final class SegmentRetention {
    private SegmentRetention() {}

    /** Whether the open segment holds only what is too old, so that it must be closed to be deleted. */
    static boolean mustRoll(List<Segment> segments, JournalSettings settings, long nowMs) {
        Segment.Extent open = segments.get(segments.size() - 1).extent();
        return open.entries() > 0 && isOld(open, settings, nowMs);
    }

    /** The position below which closed segments may go; whole segments only. */
    static long keepFrom(List<Segment> segments, JournalSettings settings, long nowMs) {
        long bytes = segments.stream().mapToLong(Segment::bytesOnDisk).sum();
        long keepFrom = 0;
        for (Segment segment : segments) {
            Segment.Extent extent = segment.extent();
            boolean tooMuch = settings.retentionBytes() > 0 && bytes > settings.retentionBytes();
            if (!extent.closed() || !(tooMuch || isOld(extent, settings, nowMs))) {
                break;
            }
            bytes -= segment.bytesOnDisk();
            keepFrom = extent.lastPosition() + 1;
        }
        return keepFrom;
    }

    private static boolean isOld(Segment.Extent extent, JournalSettings settings, long nowMs) {
        Duration age = settings.retentionAge();
        return age != null && extent.lastTimestampMs() < nowMs - age.toMillis();
    }
}
