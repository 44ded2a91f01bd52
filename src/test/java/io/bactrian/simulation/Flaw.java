package io.bactrian.simulation;

/** Ways in which a run is broken on purpose, to prove that the simulation notices. */
enum Flaw {
    NONE,
    /** The hub acknowledges a batch before it is synced. */
    ACKNOWLEDGE_BEFORE_LOG,
    /** The hub appends what it has already. */
    HUB_WITHOUT_DUPLICATES_CHECK,
    /** The hub appends behind a gap. */
    HUB_WITHOUT_GAP_CHECK,
    /** The hub appends what comes under an old epoch. */
    HUB_WITHOUT_FENCE,
    /** The hub grants every instance the same epoch. */
    EPOCH_GRANTED_AGAIN,
    /** The hub's database does not get all records of the log. */
    RECORDS_ARE_NOT_REPLAYED,
    /** The subscriber takes a delivery whatever was before it. */
    SUBSCRIBER_WITHOUT_GAP_CHECK,
    /** The subscriber stores what it has processed and its cursor one after the other. */
    CURSOR_STORED_LATER,
    /** The subscriber stores its cursor before it processes. */
    CURSOR_STORED_BEFORE,
    /** The subscriber forgets what it had received, so repeats are not seen as such. */
    SUBSCRIBER_WITHOUT_DUPLICATES_CHECK,
    /** The publisher says that a batch is in the outbox before it is synced. */
    KEPT_BEFORE_SYNC,
    /** The publisher never repeats a batch. */
    NO_REPEATS,
    /** The publisher does not look at what the hub had logged before it started. */
    LAST_SEQUENCE_IGNORED,
    /** The hub goes on under the same log epoch although the end of its log is gone. */
    EPOCH_NOT_RAISED,
    /** The hub passes over what a subscriber gives up as if nothing had been there. */
    LOST_RANGE_NOT_TOLD,
    /** The subscriber does not keep what it has processed last of each publisher and topic. */
    REPEATS_NOT_KNOWN,
    /** The subscriber does not keep its patterns, which a hub that was restored may not know. */
    PATTERNS_NOT_KEPT,
    /** The subscriber does not keep from where its patterns hold. */
    STARTS_NOT_KEPT,
    /** A hub that was restored grants epochs that were granted since its backup. */
    RESTORED_EPOCHS_NOT_RAISED,
    /** A hub that was restored does not know the epochs that were granted since its backup. */
    FORMER_EPOCHS_FORGOTTEN,
    /** The hub takes what a former process of a publisher has left only under the epoch of the new one. */
    LEFT_UNDER_NEW_EPOCH,
    /** The hub deletes what nobody needs, and does not remember for whom it held nothing. */
    PASSED_OVER_NOT_KEPT,
    /** A checkpoint says what is not in the log yet. */
    CHECKPOINT_AHEAD,
    /** The hub deletes what its last durable checkpoint does not know. */
    PURGE_IGNORES_CHECKPOINT,
    /** What was read from the disk is served after the log was cut. */
    PIECES_KEPT_OVER_A_CUT
}
