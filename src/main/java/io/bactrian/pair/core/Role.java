package io.bactrian.pair.core;

import java.util.Optional;

/** The states of the Binary Star pattern (ZeroMQ guide, chapter 4); the digit is a heartbeat's only octet. */
public enum Role {
    /** Configured as primary, and has not met its peer since the start. */
    PRIMARY('1'),
    /** Configured as backup, and has not met its peer since the start. */
    BACKUP('2'),
    /** Serves clients. */
    ACTIVE('3'),
    /** Stands by. */
    PASSIVE('4');

    private final char digit;

    Role(char digit) {
        this.digit = digit;
    }

    /** The ASCII digit that a heartbeat carries. */
    public byte digit() {
        return (byte) digit;
    }

    /** Its number in frames of the copy link. */
    byte number() {
        return (byte) (digit - '1');
    }

    /** The role that a heartbeat tells; empty if the frame is not one digit of 1 to 4. */
    public static Optional<Role> ofHeartbeat(byte[] frame) {
        int index = frame.length == 1 ? frame[0] - '1' : -1;
        return index >= 0 && index < values().length ? Optional.of(values()[index]) : Optional.empty();
    }
}
