package io.bactrian.wire;

/** Why a REFUSE or an ERROR was sent. The numbers are those of the protocol and never change. */
public enum Code {
    GAP(1, "gap"),
    STALE_EPOCH(2, "stale-epoch"),
    UNKNOWN_PUBLISHER(3, "unknown-publisher"),
    TOPIC_FULL(4, "topic-full"),
    MESSAGE_TOO_LARGE(5, "message-too-large"),
    BATCH_TOO_LARGE(6, "batch-too-large"),
    TOO_MANY_TOPICS(7, "too-many-topics"),
    RESERVED_TOPIC(8, "reserved-topic"),
    MALFORMED(9, "malformed"),
    TOO_MANY_PUBLISHERS(10, "too-many-publishers"),
    UNAVAILABLE(11, "unavailable"),
    UNSUPPORTED_VERSION(12, "unsupported-version"),
    UNKNOWN_SESSION(13, "unknown-session"),
    UNKNOWN_SUBSCRIBER(14, "unknown-subscriber"),
    TOO_MANY_SUBSCRIBERS(15, "too-many-subscribers"),
    TOO_MANY_SUBSCRIPTIONS(16, "too-many-subscriptions"),
    UNKNOWN_COMMAND(17, "unknown-command"),
    FUTURE_CURSOR(18, "future-cursor"),
    SUPERSEDED(19, "superseded"),
    NOT_ACTIVE(20, "not-active"),
    DAMAGED(21, "damaged");

    private static final Code[] BY_NUMBER = values();

    private final int number;
    private final String label;

    Code(int number, String label) {
        this.number = number;
        this.label = label;
    }

    /** The octet on the wire. */
    public int number() {
        return number;
    }

    /** The name in the protocol, in logs and in metrics. */
    public String label() {
        return label;
    }

    /**
     * The code of an octet.
     *
     * @throws WireException {@link #MALFORMED} if there is no such code
     */
    public static Code of(int number) throws WireException {
        if (number < 1 || number > BY_NUMBER.length) {
            throw new WireException(MALFORMED, "no code " + number);
        }
        return BY_NUMBER[number - 1];
    }
}
