package io.bactrian.discovery.core;

/** How a router stands; a later one wins over an earlier one of the same incarnation (SWIM, section 4.2). */
public enum RouterState {
    ALIVE(0),
    SUSPECT(1),
    DOWN(2),
    LEFT(3);

    private final int rank;

    RouterState(int rank) {
        this.rank = rank;
    }

    /** The number of this state on the wire; of two states of one incarnation the higher one wins. */
    public int rank() {
        return rank;
    }

    /** True if the router is a member: it is told things and is asked to help. */
    public boolean member() {
        return this == ALIVE || this == SUSPECT;
    }
}
