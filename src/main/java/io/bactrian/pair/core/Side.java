package io.bactrian.pair.core;

/** Which of the two nodes of a pair, as configured. */
public enum Side {
    PRIMARY(0),
    BACKUP(1);

    private final byte number;

    Side(int number) {
        this.number = (byte) number;
    }

    /** Its number in frames. */
    byte number() {
        return number;
    }

    public Side other() {
        return this == PRIMARY ? BACKUP : PRIMARY;
    }

    /** The lowest epoch of this side above another: odd ones are the primary's, even ones the backup's. */
    public long epochAbove(long epoch) {
        long next = epoch + 1;
        boolean odd = next % 2 != 0;
        return odd == (this == PRIMARY) ? next : next + 1;
    }

    /** As {@link #epochAbove(long)}, for epochs of a log. */
    public int epochAbove(int epoch) {
        return Math.toIntExact(epochAbove((long) epoch));
    }

    public Role firstRole() {
        return this == PRIMARY ? Role.PRIMARY : Role.BACKUP;
    }
}
