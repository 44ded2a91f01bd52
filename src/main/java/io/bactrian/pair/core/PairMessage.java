package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import java.util.ArrayList;
import java.util.List;

/** A message between the two nodes of a pair on the copy link. */
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
        /** What one write takes at most, as the active waits for its confirmation. */
        private static final long JOINED_BYTES = 4 << 20;

        public Copies {
            entries = List.copyOf(entries);
        }

        /** The same messages, but of copies that follow each other one: one write and one sync are enough for all of them. */
        public static List<PairMessage> joined(List<PairMessage> messages) {
            List<PairMessage> all = new ArrayList<>();
            List<Copies> run = new ArrayList<>();
            long bytes = 0;
            for (PairMessage message : messages) {
                boolean more = message instanceof Copies next
                        && bytes < JOINED_BYTES
                        && (run.isEmpty() || run.get(run.size() - 1).isFollowedBy(next));
                if (!more) {
                    end(run, all);
                    bytes = 0;
                }
                if (message instanceof Copies next) {
                    run.add(next);
                    bytes += next.bytes();
                } else {
                    all.add(message);
                }
            }
            end(run, all);
            return all;
        }

        private static void end(List<Copies> run, List<PairMessage> all) {
            if (run.isEmpty()) {
                return;
            }
            Copies last = run.get(run.size() - 1);
            List<Entry> entries =
                    run.stream().flatMap(one -> one.entries.stream()).toList();
            all.add(new Copies(last.session, last.epoch, last.committed, entries));
            run.clear();
        }

        private boolean isFollowedBy(Copies next) {
            return session == next.session
                    && epoch == next.epoch
                    && !entries.isEmpty()
                    && !next.entries.isEmpty()
                    && entries.get(entries.size() - 1).last() + 1
                            == next.entries.get(0).position();
        }

        private long bytes() {
            return entries.stream().mapToLong(entry -> entry.payload().length).sum();
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

    /**
     * Entries are asked for that are damaged here; both nodes ask.
     *
     * @param number of the question
     * @param log id of the log
     * @param from the first position
     * @param to the last position
     */
    record Fetch(long number, String log, long from, long to) implements PairMessage {}

    /**
     * The answer.
     *
     * @param entries from the first position on, as many as one message carries; none if there is a problem
     * @param problem why there are none
     */
    record Fetched(long number, List<Entry> entries, String problem) implements PairMessage {
        public Fetched {
            entries = List.copyOf(entries);
        }
    }
}
