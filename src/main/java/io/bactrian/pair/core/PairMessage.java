package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import java.util.List;

/** What the two nodes of a pair tell each other on the copy link. */
public sealed interface PairMessage {

    /**
     * How a node stands; sent at each heartbeat, and whenever its role changes.
     *
     * @param pair the name of the pair
     * @param side which node
     * @param role its role
     * @param epoch the highest epoch that it knows
     * @param session the session in which it receives copies, 0 if in none
     * @param stamp changes with every life of the node and every cut and growth of its log; an answer repeats it
     * @param committed how far its log may be relied on
     * @param log its log; without the epochs while it is active
     */
    record State(String pair, Side side, Role role, int epoch, long session, long stamp, long committed, LogHistory log)
            implements PairMessage {}

    /**
     * A session begins: the passive makes its log a beginning of the active's and confirms.
     *
     * @param session its number, greater than those before
     * @param stamp of the state on which this rests; if it is not the passive's any more, it says nothing
     * @param epoch of the active
     * @param common the last position that stays
     * @param anew true if the passive must begin anew with position {@code common + 1}
     * @param id of the log
     * @param epochStarts the epochs up to the position after {@code common}
     */
    record Attach(long session, long stamp, int epoch, long common, boolean anew, String id, List<Long> epochStarts)
            implements PairMessage {
        public Attach {
            epochStarts = List.copyOf(epochStarts);
        }
    }

    /** Entries, in order; what is {@code committed} at the active may be relied on at the passive too. */
    record Copies(long session, int epoch, long committed, List<Entry> entries) implements PairMessage {
        public Copies {
            entries = List.copyOf(entries);
        }
    }

    /**
     * The passive has everything up to a position on its disk.
     *
     * @param creditBytes how much may be under way after it
     * @param resend true if what follows was lost
     */
    record Confirm(long session, long position, int creditBytes, boolean resend) implements PairMessage {}

    /** The active has stopped to accept, the passive has all, and it is asked to take over. */
    record HandOver(long session, int epoch, long end) implements PairMessage {}
}
