package io.bactrian.pair.core;

/**
 * Something that happened to a pair.
 *
 * @param kind what
 * @param text the rest, for people
 */
public record PairEvent(Kind kind, String text) {

    /** Kinds of events; {@code alarm} if somebody should look at it. */
    public enum Kind {
        ACTIVE(false),
        PASSIVE(false),
        PEER_IN_STEP(false),
        PEER_OUT(true),
        PEER_DEAD(true),
        PEER_BACK(false),
        MOVED_ASIDE(true),
        SAME_SIDE(true),
        TWO_ACTIVES(true),
        TWO_PASSIVES(true),
        STALE_EPOCH(true),
        WAITS_FOR_PEER(true),
        WITNESS_AWAY(true),
        WITNESS_BACK(false),
        WITNESS_REFUSED(true),
        SWITCH(false),
        SWITCH_FAILED(true),
        OTHER_PAIR(true),
        COPY_FAILED(true),
        REPAIRED(true),
        REPAIR_FAILED(true);

        private final boolean alarm;

        Kind(boolean alarm) {
            this.alarm = alarm;
        }

        public boolean alarm() {
            return alarm;
        }
    }
}
