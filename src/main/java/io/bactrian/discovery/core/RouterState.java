package io.bactrian.discovery.core;

/** How a router stands; a later one wins over an earlier one of the same incarnation (SWIM, section 4.2). */
public enum RouterState {
    ALIVE,
    SUSPECT,
    DOWN,
    LEFT;

    /** True if the router is a member: it is told things and is asked to help. */
    public boolean member() {
        return this == ALIVE || this == SUSPECT;
    }
}
