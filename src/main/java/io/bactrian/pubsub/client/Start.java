package io.bactrian.pubsub.client;

import io.bactrian.support.text.TimeText;
import io.bactrian.wire.StartFrom;
import java.time.Instant;
import java.time.ZoneId;

/**
 * Where a new subscription begins.
 *
 * @param position with {@link StartFrom#POSITION} a position, with {@link StartFrom#TIME} milliseconds since 1970, else 0
 */
public record Start(StartFrom from, long position) {
    /** With the oldest message that the hub keeps. */
    public static final Start OLDEST = new Start(StartFrom.OLDEST, 0);
    /** With the next message that the hub logs. */
    public static final Start NOW = new Start(StartFrom.NOW, 0);

    public Start {
        boolean fits = switch (from) {
            case POSITION -> position >= 1;
            case TIME -> position >= 0;
            case OLDEST, NOW -> position == 0;
        };
        if (!fits) {
            throw new IllegalArgumentException("position=" + position + " does not fit from=" + from);
        }
    }

    /** With the message at a position, from 1. */
    public static Start at(long position) {
        return new Start(StartFrom.POSITION, position);
    }

    /**
     * With the first message that the hub has logged at a time or after it, as its clock was; with the next one if none was.
     *
     * @throws IllegalArgumentException before 1970
     */
    public static Start since(Instant time) {
        if (time.isBefore(Instant.EPOCH)) {
            throw new IllegalArgumentException(time + " is before 1970");
        }
        return new Start(StartFrom.TIME, time.toEpochMilli());
    }

    /**
     * Reads {@code oldest}, {@code now}, a position, or a time such as {@code 2026-01-01T00:00:00Z}; one without an offset is of
     * the zone of this machine.
     *
     * @throws IllegalArgumentException if it is none of them, or a local time that does not exist or exists twice
     */
    public static Start parse(String text) {
        if (text.equalsIgnoreCase("oldest")) {
            return OLDEST;
        } else if (text.equalsIgnoreCase("now")) {
            return NOW;
        }
        try {
            return text.contains(":") ? since(TimeText.parse(text, ZoneId.systemDefault())) : at(Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "from=" + text + " must be oldest, now, a position from 1, or a time: " + TimeText.FORMS, e);
        }
    }
}
