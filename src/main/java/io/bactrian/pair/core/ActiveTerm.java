package io.bactrian.pair.core;

import org.jspecify.annotations.Nullable;

/**
 * The time in which a node is active in one epoch. The log is copied to the peer, the peer counts as in step or out, and what may be relied
 * on moves accordingly.
 */
final class ActiveTerm {
    private static final long SWITCH_MS = 900;

    private final PairSettings settings;
    private final PairLog log;
    private final PeerView peer;
    private final WitnessDialog witness;
    private final CommittedPosition committed;
    private final Outbox out;
    private final int epoch;
    private final CopySource copies;
    private PeerStanding standing = PeerStanding.OUT;
    private long joinFrom;
    private boolean inAsked;
    private boolean switching;
    private long switchMs;

    ActiveTerm(
            int epoch,
            PairSettings settings,
            PairLog log,
            PeerView peer,
            WitnessDialog witness,
            CommittedPosition committed,
            Outbox out) {
        this.epoch = epoch;
        this.settings = settings;
        this.log = log;
        this.peer = peer;
        this.witness = witness;
        this.committed = committed;
        this.out = out;
        this.copies = new CopySource(settings, log, epoch);
    }

    int epoch() {
        return epoch;
    }

    PeerStanding standing() {
        return standing;
    }

    /** Whether the node hands over to the peer, and accepts nothing meanwhile. */
    boolean switching() {
        return switching;
    }

    /** The last position that the peer has confirmed in this epoch. */
    long confirmed() {
        return copies.confirmed();
    }

    /** Up to which position the peer has the entries that this node has; 0 while it is in no session with this node. */
    long shared() {
        return copies.attached() ? copies.confirmed() : 0;
    }

    /** The peer has said how its copy stands. */
    void confirmed(PairMessage.Confirm confirm, long nowMs) {
        copies.confirmed(confirm, nowMs);
        progress(nowMs);
    }

    /** The peer, which is not active, has said how it stands. */
    void told(PairMessage.State state, long nowMs) {
        if (copies.isSession(state.session())) {
            copies.confirmed( // a confirmation may have been lost
                    new PairMessage.Confirm(state.session(), state.log().end(), settings.windowBytes(), false), nowMs);
        } else if (!state.log().epochStarts().isEmpty()) {
            if (counts()) {
                leave("the peer was started again, or begins anew", nowMs);
            }
            copies.attach(state, nowMs, out);
        }
        progress(nowMs);
    }

    /**
     * For the thread that appends, before it syncs: copies a lone entry, so that the peer syncs it at the same time. Returns false if
     * there is more to copy, for which {@link #progress} is to be called by another thread.
     */
    boolean writtenInPassing(long nowMs) {
        if (copies.idle()) {
            pump(nowMs);
        }
        return copies.allSent();
    }

    /**
     * For the thread that has appended: commits what waits for nobody, and copies a lone entry. Returns false if there is more to copy, for
     * which {@link #progress} is to be called by another thread.
     */
    boolean appendedInPassing(long nowMs) {
        if (copies.idle()) {
            progress(nowMs);
            return true;
        }
        commit();
        return copies.allSent();
    }

    /** What follows from what the peer has confirmed, the witness has answered, or the log has got. */
    void progress(long nowMs) {
        join(nowMs);
        commit();
        pump(nowMs);
        if (switching && copies.confirmed() >= log.end()) {
            out.toPeer(new PairMessage.HandOver(copies.session(), epoch, log.end()));
        }
    }

    /** What goes to a node that nobody hears would wait in memory. */
    private void pump(long nowMs) {
        if (standing != PeerStanding.OUT || !peer.dead(nowMs)) {
            copies.pump(committed.position(), nowMs, out);
        }
    }

    private void join(long nowMs) {
        if (standing == PeerStanding.OUT
                && copies.attached()
                && !peer.gone(nowMs)
                && copies.confirmed() >= log.end() - settings.joinLag()) {
            standing = PeerStanding.JOINING;
            joinFrom = committed.position();
            inAsked = false;
        }
        if (standing == PeerStanding.JOINING && copies.confirmed() >= joinFrom) {
            if (!settings.witness()) {
                inStep();
            } else if (!inAsked && witness.idle()) {
                inAsked = true;
                witness.ask(Witness.Kind.IN, epoch, nowMs, out);
            }
        }
    }

    private void inStep() {
        standing = PeerStanding.IN;
        tell(PairEvent.Kind.PEER_IN_STEP, "the peer has everything up to position " + committed.position());
    }

    private void commit() {
        long end = log.end();
        boolean alone = !settings.sync() || standing == PeerStanding.OUT;
        committed.raise(alone ? end : Math.min(end, copies.confirmed()));
    }

    /** Whether acknowledgements wait for the peer, or it may take over. */
    private boolean counts() {
        return standing == PeerStanding.IN || standing == PeerStanding.JOINING;
    }

    private void leave(String why, long nowMs) {
        boolean recorded = settings.witness() && (standing == PeerStanding.IN || inAsked);
        copies.detach();
        if (recorded) {
            standing = PeerStanding.LEAVING;
            witness.ask(Witness.Kind.OUT, epoch, nowMs, out);
        } else {
            standing = PeerStanding.OUT;
        }
        tell(PairEvent.Kind.PEER_OUT, why);
        progress(nowMs);
    }

    /** The witness has recorded this epoch anew, with nobody else in step. */
    void recordedAlone(long nowMs) {
        standing = PeerStanding.OUT;
        inAsked = false;
        progress(nowMs);
    }

    /**
     * The witness answers that the peer is in step, or out.
     *
     * @return why the node must step down; null if it stays active
     */
    @Nullable String answered(Witness.Request asked, Witness.Reply reply, long nowMs) {
        if (asked.epoch() != epoch) {
            return null;
        }
        if (!reply.granted()) {
            return refused(asked.kind(), reply, nowMs);
        }
        if (asked.kind() == Witness.Kind.OUT && standing == PeerStanding.LEAVING) {
            standing = PeerStanding.OUT;
            inAsked = false;
        } else if (asked.kind() == Witness.Kind.IN && standing == PeerStanding.JOINING) {
            inStep();
        }
        progress(nowMs);
        return null;
    }

    /** The witness was looked at. A witness that has lost its record gets it again. */
    void looked(WitnessRecord record, long nowMs) {
        if (record.epoch() < epoch && witness.idle()) {
            witness.ask(Witness.Kind.FORCE, epoch, nowMs, out);
        }
    }

    private @Nullable String refused(Witness.Kind asked, Witness.Reply reply, long nowMs) {
        WitnessRecord record = reply.record();
        if (record.epoch() < epoch) {
            witness.ask(Witness.Kind.FORCE, epoch, nowMs, out); // an operator has made this node active without it
            return null;
        }
        if (record.epoch() != epoch || record.active() != settings.side()) {
            tell(PairEvent.Kind.WITNESS_REFUSED, "another epoch is in force: " + reply.reason());
            return "the witness knows epoch " + record.epoch();
        }
        witness.ask(asked, epoch, nowMs, out); // on the record as it is now
        return null;
    }

    void tick(long nowMs) {
        if (switching && nowMs - switchMs > SWITCH_MS) {
            switching = false;
            log.hold(false);
            tell(PairEvent.Kind.SWITCH_FAILED, "the peer did not take over within " + SWITCH_MS + " ms");
        }
        pump(nowMs);
        if (counts() && (settings.witness() ? peer.gone(nowMs) : peer.dead(nowMs))) {
            leave("the peer is silent or refuses connections", nowMs);
        } else if (counts() && copies.stalled(nowMs)) {
            leave("the peer has confirmed nothing for " + settings.outAfterMs() + " ms", nowMs);
        }
        progress(nowMs);
    }

    /** Hands over to the peer; throws if that is not possible now. */
    void switchOver(long nowMs) {
        if (standing != PeerStanding.IN) {
            throw new IllegalStateException("the peer is not in step (" + standing + "): wait until it is");
        }
        if (settings.witness() && witness.away()) {
            throw new IllegalStateException("the witness does not answer: it must, as it has to grant the takeover");
        }
        switching = true;
        switchMs = nowMs;
        log.hold(true);
        tell(PairEvent.Kind.SWITCH, "hands over to the peer");
        progress(nowMs);
    }

    private void tell(PairEvent.Kind kind, String text) {
        out.event(new PairEvent(kind, text));
    }
}
