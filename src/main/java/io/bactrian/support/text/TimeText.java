package io.bactrian.support.text;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Pattern;

/** A time as people write it; one of this machine's zone that the change of clocks makes unclear is refused. */
public final class TimeText {
    /** The forms of a time that are taken, for the texts of options and errors. */
    public static final String FORMS =
            "2026-11-21T07:05:00Z, 2026-11-21T07:05+01:00, or 2026-11-21T07:05 in the time of this machine";

    private static final Pattern OFFSET = Pattern.compile(".*T.*(Z|[+-][0-9]{2}(:?[0-9]{2})?)");
    private static final Pattern SHORT_OFFSET = Pattern.compile("([+-][0-9]{2})(?::?([0-9]{2}))?$");
    /** Where a URI has made a blank of the plus. */
    private static final Pattern BLANK_OFFSET = Pattern.compile("(.*[T ].*) ([0-9]{2}(?::?[0-9]{2})?)");

    private TimeText() {}

    /**
     * Reads a time; one without an offset is of the zone.
     *
     * @throws IllegalArgumentException if it is none, or does not exist or exists twice in the zone; the text says what to give
     */
    public static Instant parse(String text, ZoneId zone) {
        String time = BLANK_OFFSET.matcher(text.strip()).replaceFirst("$1+$2").replace(' ', 'T');
        try {
            return OFFSET.matcher(time).matches() ? withOffset(time) : local(text, LocalDateTime.parse(time), zone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + text + "' is no time; give " + FORMS, e);
        }
    }

    /** Offsets as ISO 8601 writes them: Z, +01, +0100, +01:00. */
    private static Instant withOffset(String time) {
        var offset = SHORT_OFFSET.matcher(time);
        if (!offset.find()) {
            return OffsetDateTime.parse(time).toInstant();
        }
        String minutes = offset.group(2) == null ? "00" : offset.group(2);
        return OffsetDateTime.parse(time.substring(0, offset.start()) + offset.group(1) + ':' + minutes)
                .toInstant();
    }

    private static Instant local(String text, LocalDateTime time, ZoneId zone) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(time);
        if (offsets.isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' does not exist in " + zone
                    + ", where clocks went forward then; give a time with an offset, such as " + time
                    + zone.getRules().getTransition(time).getOffsetBefore());
        }
        if (offsets.size() > 1) {
            throw new IllegalArgumentException("'" + text + "' exists twice in " + zone
                    + ", where clocks went back then; give " + time + offsets.get(0) + " or " + time + offsets.get(1));
        }
        return time.toInstant(offsets.get(0));
    }
}
