package io.bactrian.pubsub.client;

import io.bactrian.wire.StartFrom;

/**
 * Where a new subscription begins.
 *
 * @param position counts only with {@link StartFrom#POSITION}, else it is 0
 */
public record Start(StartFrom from, long position) {
    /** With the oldest message that the hub keeps. */
    public static final Start OLDEST = new Start(StartFrom.OLDEST, 0);
    /** With the next message that the hub logs. */
    public static final Start NOW = new Start(StartFrom.NOW, 0);

    public Start {
        if (from == StartFrom.POSITION ? position < 1 : position != 0) {
            throw new IllegalArgumentException("position=" + position + " does not fit from=" + from);
        }
    }

    /** With the message at a position, from 1. */
    public static Start at(long position) {
        return new Start(StartFrom.POSITION, position);
    }

    /**
     * Reads {@code oldest}, {@code now} or a position.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    public static Start parse(String text) {
        if (text.equalsIgnoreCase("oldest")) {
            return OLDEST;
        } else if (text.equalsIgnoreCase("now")) {
            return NOW;
        }
        try {
            return at(Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("from=" + text + " must be oldest, now or a position from 1", e);
        }
    }
}
