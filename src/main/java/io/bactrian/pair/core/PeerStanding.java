package io.bactrian.pair.core;

/** How the peer of an active node counts. */
public enum PeerStanding {
    /** It may not take over, and nobody waits for it. */
    OUT,
    /** It has nearly everything: from now on acknowledgements wait for it, but it may not take over yet. */
    JOINING,
    /** It has all that was acknowledged, and may take over. */
    IN,
    /** It is to be out; acknowledgements go on as soon as the witness has it on its disk. */
    LEAVING
}
