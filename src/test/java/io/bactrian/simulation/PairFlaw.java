package io.bactrian.simulation;

/** Ways in which a hub on a pair is broken on purpose, to prove that the simulation notices. */
enum PairFlaw {
    NONE,
    /** The hub relies on its log before the peer has confirmed it. */
    ACKNOWLEDGES_BEFORE_THE_PEER_CONFIRMS,
    /** A life that is being ended relies on what the next active commits. */
    GATE_GOES_ON_AFTER_THE_LIFE,
    /** The hub serves, and its log takes appends, before the pair has opened it, and after the pair has closed it. */
    SERVES_WHILE_PASSIVE,
    /** The witness lets a node take over that is not in step. */
    TAKE_WITHOUT_IN,
    /** The epoch that a node was active in is gone after a power cut. */
    EPOCH_IS_NOT_DURABLE,
    /** The copy is cut below the last position that both have. */
    CUTS_BELOW_THE_COMMON_POINT,
    /** A log that has parted from the active's is not cut. */
    DOES_NOT_CUT,
    /** The passive node confirms what is not on its disk yet. */
    CONFIRMS_BEFORE_IT_IS_ON_THE_DISK,
    /** A database that knows an end of the log that was cut is used as it is. */
    DATABASE_IS_NOT_MADE_ANEW,
    /** A replay skips some epochs that were granted. */
    GRANTS_ARE_NOT_REPLAYED,
    /** A replay skips some epochs that were put in force. */
    OPENED_EPOCHS_ARE_NOT_REPLAYED,
    /** A replay skips some subscribers. */
    SUBSCRIBERS_ARE_NOT_REPLAYED,
    /** A checkpoint of the copy forgets what publishers have got. */
    CHECKPOINT_WITHOUT_SEQUENCES,
    /** Neither a life nor a deletion writes the whole state into the log. */
    STATE_IS_NOT_SAID_AGAIN,
    /** The copy deletes what the active still has. */
    COPY_PURGES_AHEAD,
    /** The passive node confirms what its disk has not got yet, so a power cut takes it. */
    COPIES_ARE_NOT_SYNCED,
    /** After a failed sync of what the peer has copied, other entries get its positions in the same epoch. */
    EPOCH_GOES_ON_AFTER_A_FAILED_SYNC,
    /** A witness that is started again has not got its last record. */
    WITNESS_RECORD_IS_NOT_DURABLE
}
