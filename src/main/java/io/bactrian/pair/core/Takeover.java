package io.bactrian.pair.core;

/**
 * How a node that is not active comes to an epoch of its own: by itself if there is no witness, with the witness's grant, or because an
 * operator forces it.
 */
final class Takeover {
    private final PairSettings settings;
    private final PairLog log;
    private final PairStore store;
    private final WitnessDialog witness;
    private final Outbox out;
    /** The epoch that the witness is asked for, 0 if none. */
    private int asked;

    private long askedMs = Long.MIN_VALUE / 2;
    private int reserved;
    private boolean forced;
    private long forcedMs;
    /** Whether it was told that this node waits. */
    private boolean waits;

    Takeover(PairSettings settings, PairLog log, PairStore store, WitnessDialog witness, Outbox out) {
        this.settings = settings;
        this.log = log;
        this.store = store;
        this.witness = witness;
        this.out = out;
    }

    /**
     * Asks for an epoch, if none is asked for.
     *
     * @param beside whether the peer is there and not active either
     * @param highest the highest epoch that this node knows
     * @return the epoch in which the node is active from now on; 0 if it is not, or not yet
     */
    int begin(boolean beside, int highest, long nowMs) {
        if (asked != 0) {
            return 0;
        }
        WitnessRecord record = witness.record();
        if (settings.witness() && record == null) {
            askForRecord(nowMs);
            return 0;
        }
        if (askedMs + settings.heartbeatMs() / 2 > nowMs && !forced) {
            return 0; // refused just now
        }
        int known = Math.max(highest, log.history().epochStarts().size());
        int next = reserve(known, record == null ? 0 : record.epoch());
        if (record == null) {
            return next;
        }
        if (!forced && store.highestEpoch() < record.epoch()) {
            waits("the log of this node has never heard of epoch " + record.epoch()
                    + ", so it was replaced: bring the peer back, or promote by force");
        } else if (forced || record.epoch() > 0) {
            ask(forced ? Witness.Kind.FORCE : Witness.Kind.TAKE, next, nowMs);
        } else if (beside) {
            ask(Witness.Kind.FOUND, next, nowMs);
        } else {
            waits("the witness knows nothing of this pair yet: both nodes must be there once, or promote by force");
            // It may know by now: the pair may have been founded after it was asked.
            askedMs = nowMs;
            askForRecord(nowMs);
        }
        return 0;
    }

    private void askForRecord(long nowMs) {
        if (witness.idle()) {
            witness.ask(Witness.Kind.ASK, 0, nowMs, out);
        }
    }

    private void ask(Witness.Kind kind, int epoch, long nowMs) {
        asked = epoch;
        askedMs = nowMs;
        witness.ask(kind, epoch, nowMs, out);
    }

    /** The epoch to ask for. It is on the disk before it is used: what was used once never comes again. */
    int reserve(int known, int ofWitness) {
        int next = settings.side().epochAbove(Math.max(known, ofWitness));
        if (reserved < next) {
            next = settings.side().epochAbove(Math.max(next - 1, store.highestEpoch()));
            store.keepHighestEpoch(next);
            reserved = next;
        }
        return reserved;
    }

    /** An operator has decided it. */
    void force(long nowMs) {
        forced = true;
        forcedMs = nowMs;
        asked = 0;
    }

    boolean isForced() {
        return forced;
    }

    /** Goes on with what an operator has decided, without a witness that does not answer; returns what {@link #begin} returns. */
    int goOn(int highest, long nowMs) {
        if (settings.witness() && nowMs - forcedMs > settings.deadAfterMs()) {
            asked = 0;
            witness.giveUp();
            return reserve(highest, 0);
        }
        return begin(true, highest, nowMs);
    }

    boolean isUnderWay() {
        return asked != 0;
    }

    /** The witness has answered; returns whether this was asked, and not given up meanwhile. */
    boolean answered(int epoch) {
        boolean wanted = asked == epoch;
        asked = 0;
        return wanted;
    }

    void giveUp() {
        asked = 0;
    }

    /** The node is active. */
    void done() {
        reserved = 0;
        asked = 0;
        forced = false;
        waits = false;
    }

    /** Says once why this node does not take over. */
    void waits(String why) {
        if (!waits) {
            waits = true;
            out.event(new PairEvent(PairEvent.Kind.WAITS_FOR_PEER, why));
        }
    }

    void waitsNoMore() {
        waits = false;
    }
}
