package io.bactrian.pubsub.core;

/**
 * The beginning of a life of a hub: the time in which it is active.
 *
 * @param newEpoch whether a new log epoch begins in any case, as after a takeover; otherwise only if the end of the log is
 *     not certain
 * @param above a new log epoch is above this one, and above all that the log and its snapshot know
 * @param parity which log epochs this node may begin
 * @param inPair whether the log is one of two copies: then what must be durable stands in the log, so that the other has it,
 *     and whoever decides which of the two is active begins the log epochs
 */
public record HubLife(boolean newEpoch, int above, Parity parity, boolean inPair) {
    /** The log epochs that a node may begin: so two nodes never begin the same one. */
    public enum Parity {
        ANY,
        ODD,
        EVEN
    }

    /** A hub without a peer. */
    public static final HubLife ALONE = new HubLife(false, 0, Parity.ANY, false);

    /** A hub whose log a pair copies. */
    public static final HubLife IN_PAIR = new HubLife(false, 0, Parity.ANY, true);

    /** A takeover by a node of a pair. */
    public static HubLife takeover(int above, Parity parity) {
        return new HubLife(true, above, parity, false);
    }

    /** The lowest log epoch above a known one that this node may begin. */
    public int nextEpoch(int known) {
        int next = Math.addExact(Math.max(known, above), 1);
        boolean fits = switch (parity) {
            case ANY -> true;
            case ODD -> next % 2 == 1;
            case EVEN -> next % 2 == 0;
        };
        return fits ? next : Math.addExact(next, 1);
    }
}
