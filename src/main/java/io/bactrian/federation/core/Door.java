package io.bactrian.federation.core;

/** The sockets of a node. */
public enum Door {
    /** The router where children and the peer of a pair connect. */
    SOUTH,
    /** The connection to the parent, or to the primary of a pair that is the parent. */
    PARENT,
    /** The connection to the backup of a pair that is the parent. */
    PARENT_BACKUP,
    /** The connection of a backup to its primary. */
    PEER,
    /** The router where clients ask. */
    CLIENTS,
    /** Where updates are published for clients. */
    PUBLISH
}
