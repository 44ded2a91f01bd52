package io.bactrian.pubsub.core;

/** The log cannot be read at a position, because the disk has damaged it. */
public final class LogDamagedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long position;

    /** With the message of {@code cause}, which says what to do. */
    public LogDamagedException(long position, RuntimeException cause) {
        super(cause.getMessage(), cause);
        this.position = position;
    }

    /** Nothing from here on can be read until the log is repaired. */
    public long position() {
        return position;
    }
}
