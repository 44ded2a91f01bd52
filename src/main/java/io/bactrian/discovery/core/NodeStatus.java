package io.bactrian.discovery.core;

/** How a node stands. */
public enum NodeStatus {
    /** Registered, but has not answered its first ping. */
    JOINING,
    /** Its lease runs, and it answers pings if it can be pinged. */
    ACTIVE,
    /** It has not answered several pings; other routers are asked to look. */
    SUSPECT,
    /** Nobody reaches it, or its lease has ended. */
    DOWN,
    /** It has deregistered. */
    LEFT;

    /** True if the node counts as there: it can be given work. */
    public boolean live() {
        return this == JOINING || this == ACTIVE || this == SUSPECT;
    }

    /** True if the node is gone, and the entry is a tombstone. */
    public boolean ended() {
        return this == DOWN || this == LEFT;
    }
}
