package io.bactrian.pair.core;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One node of a pair: its role, its epoch, the copy of its log, and how far the log may be relied on.
 *
 * <p>Safety needs two of three and no clock. While the peer is in step, an acknowledgement needs the peer's confirmation;
 * when it is not, and there is a witness, it needs the witness's durable record that the peer is out. A takeover needs the
 * witness's grant, which it gives only to a node in step. Time decides only when somebody is asked.
 *
 * <p>Used by one thread at a time. Times are milliseconds of any clock that never goes back.
 */
public final class PairNode {
    /** Heartbeats after which a witness that was not asked anything is asked for its record. */
    private static final int WITNESS_EACH = 4;
    /** Heartbeats after which it is told that neither node is active. */
    private static final int NOBODY_AFTER = 8;

    private final PairSettings settings;
    private final PairLog log;
    private final Replica replica;
    private final Outbox out;
    private final PeerView peer;
    private final CopyTarget target;
    private final WitnessDialog witness;
    private final Takeover takeover;
    private final CommittedPosition committed;

    private Role role;
    private int highestEpoch;
    /** Null while the node is not active. */
    private @Nullable ActiveTerm term;
    /** The highest position of which the active has said that it was acknowledged. */
    private long told;
    /** Whether the active has said how far its log goes since this node has begun to copy it. */
    private boolean wasTold;

    private boolean peerWasDead;
    private boolean silent;
    /** Since when neither node is active although they hear each other; far in the future while one is. */
    private long besideMs = Long.MAX_VALUE;

    /** Since when both were heard and neither was active; far in the future while that is not so. */
    private long nobodyMs = Long.MAX_VALUE;

    private boolean nobodyTold;
    private long attachedMs = Long.MIN_VALUE / 2;
    private long stateSentMs = Long.MIN_VALUE / 2;
    private long tickMs;
    private long takeovers;

    /**
     * A node that has just started.
     *
     * @param firstNumber the number of its first question to the witness, greater than those of its former lives
     */
    public PairNode(
            PairSettings settings,
            PairLog log,
            PairStore store,
            Replica replica,
            Outbox out,
            long firstNumber,
            long nowMs) {
        this.settings = settings;
        this.log = log;
        this.replica = replica;
        this.out = out;
        this.peer = new PeerView(settings, nowMs);
        this.target = new CopyTarget(settings, log, replica, firstNumber);
        this.witness = new WitnessDialog(settings, firstNumber);
        this.takeover = new Takeover(settings, log, store, witness, out);
        this.committed = new CommittedPosition(replica);
        this.role = settings.side().firstRole();
        this.highestEpoch = log.history().epochStarts().size();
        this.tickMs = nowMs;
        log.open(false);
    }

    public Role role() {
        return role;
    }

    public boolean active() {
        return role == Role.ACTIVE;
    }

    /** The epoch in which the node is active, otherwise the highest that it knows. */
    public int epoch() {
        ActiveTerm now = term;
        return now == null ? highestEpoch : now.epoch();
    }

    /** The position up to which the log may be relied on. */
    public long committed() {
        return committed.position();
    }

    public PeerStanding standing() {
        ActiveTerm now = term;
        return now == null ? PeerStanding.OUT : now.standing();
    }

    public boolean peerDead(long nowMs) {
        return peer.dead(nowMs);
    }

    public @Nullable Role peerRole() {
        return peer.role();
    }

    public PairMessage.@Nullable State peerState() {
        return peer.lastState();
    }

    /** The last position that the peer has confirmed in this node's epoch; of a passive node its own end. */
    public long confirmed() {
        ActiveTerm now = term;
        return now == null ? log.end() : now.confirmed();
    }

    /** Up to which position the peer has the entries that this node has; 0 while it is in no session with this node. */
    public long shared() {
        ActiveTerm now = term;
        if (now != null) {
            return now.shared();
        }
        return target.session() == 0 ? 0 : committed.position();
    }

    public boolean witnessAway() {
        return witness.away();
    }

    public @Nullable WitnessRecord witnessRecord() {
        return witness.record();
    }

    /** How often this node became active. */
    public long takeovers() {
        return takeovers;
    }

    /** A heartbeat of the classic kind. */
    public void heartbeat(Role peerRole, long nowMs) {
        peer.heartbeat(peerRole, nowMs);
        PairMessage.State state = peer.state(nowMs);
        if (state == null || state.role() == peerRole) {
            meet(peerRole, nowMs);
        }
    }

    /** The peer's port refuses connections. */
    public void peerRefused(long nowMs) {
        peer.refused(nowMs);
        tick(nowMs);
    }

    /** A message of the peer. */
    public void message(PairMessage message, long nowMs) {
        if (message instanceof PairMessage.State state) {
            state(state, nowMs);
        } else if (message instanceof PairMessage.Attach attach) {
            attach(attach, nowMs);
        } else if (message instanceof PairMessage.Copies copies) {
            if (!active() && copies.epoch() >= highestEpoch) {
                target.copies(copies, nowMs, out);
                wasTold = true;
                relyOn(copies.committed());
            }
        } else if (message instanceof PairMessage.Confirm confirm) {
            ActiveTerm now = term;
            if (now != null) {
                now.confirmed(confirm, nowMs);
            }
        } else if (message instanceof PairMessage.HandOver handOver) {
            handOver(handOver, nowMs);
        }
    }

    private void state(PairMessage.State state, long nowMs) {
        if (!state.pair().equals(settings.pair())) {
            out.event(new PairEvent(
                    PairEvent.Kind.OTHER_PAIR, "the peer is of pair " + state.pair() + ", not of " + settings.pair()));
            return;
        }
        if (state.side() == settings.side()) {
            out.event(new PairEvent(PairEvent.Kind.SAME_SIDE, "both nodes are configured as " + state.side()));
            return;
        }
        if (isOvertaken(state, nowMs)) {
            return;
        }
        peer.heard(state, nowMs);
        highestEpoch = Math.max(highestEpoch, state.epoch());
        if (!active() && state.role() == Role.ACTIVE) {
            told = Math.max(told, state.committed());
            if (target.epoch() == state.epoch()) {
                wasTold = true; // before it copies that one's log, that one may go on alone at any time
                relyOn(state.committed());
            }
        }
        meet(state.role(), nowMs);
        ActiveTerm now = term;
        if (now != null && state.role() != Role.ACTIVE) {
            if (state.epoch() > now.epoch()) {
                renew(now, nowMs); // whoever has seen that epoch refuses what carries ours
            } else {
                now.told(state, nowMs);
            }
        }
    }

    /**
     * Whether the peer said this before it became active, and what it said to the copy came first, on a connection of its own. A peer that
     * was started again without its log goes on to say it.
     */
    private boolean isOvertaken(PairMessage.State state, long nowMs) {
        return !active() && state.epoch() < target.epoch() && nowMs - attachedMs < settings.heartbeatMs();
    }

    private void relyOn(long position) {
        told = Math.max(told, position);
        committed.raise(Math.min(position, log.end()));
    }

    /** What Binary Star says when a peer in a role is heard. */
    private void meet(Role peerRole, long nowMs) {
        if (active() || peerRole == Role.ACTIVE) {
            besideMs = Long.MAX_VALUE;
            somebodyIsActive();
        } else {
            nobodyIsActive(nowMs);
        }
        switch (BinaryStar.onPeer(role, peerRole)) {
            case BECOME_ACTIVE -> activateBeside(true, nowMs);
            case BECOME_PASSIVE -> {
                role = Role.PASSIVE;
                tell(PairEvent.Kind.PASSIVE, "the peer is active");
                sendState(nowMs);
            }
            case TWO_ACTIVES -> twoActives(Objects.requireNonNull(term), nowMs);
            case TWO_PASSIVES -> activateBeside(settings.side() == Side.PRIMARY, nowMs);
            case SAME_SIDE -> tell(PairEvent.Kind.SAME_SIDE, "both nodes are configured as " + settings.side());
            default -> {
                if (role != Role.ACTIVE && peerRole != Role.ACTIVE) {
                    activateBeside(false, nowMs);
                }
            }
        }
    }

    private void somebodyIsActive() {
        nobodyMs = Long.MAX_VALUE;
        nobodyTold = false;
    }

    private void nobodyIsActive(long nowMs) {
        nobodyMs = Math.min(nobodyMs, nowMs);
        long afterMs = NOBODY_AFTER * settings.heartbeatMs();
        if (!nobodyTold && nowMs - nobodyMs >= afterMs) {
            nobodyTold = true;
            WitnessRecord record = witness.record();
            String why = !settings.witness()
                    ? "this log ends at " + log.end()
                    : witness.away() || record == null ? "the witness does not answer" : "the witness keeps " + record;
            tell(
                    PairEvent.Kind.TWO_PASSIVES,
                    "the nodes hear each other, and neither has been active for " + afterMs + " ms: " + why
                            + "; next: see that both reach the witness, if there is one, or promote the node whose log is ahead by force");
        }
    }

    private void twoActives(ActiveTerm own, long nowMs) {
        PairMessage.State state = peer.state(nowMs);
        boolean yields = state == null ? settings.side() == Side.BACKUP : state.epoch() > own.epoch();
        if (yields) {
            if (!own.switching()) {
                tell(PairEvent.Kind.TWO_ACTIVES, "the peer is active too, and stays: this node steps down");
            }
            stepDown("the peer is active in a higher epoch", nowMs);
        } else {
            sendState(nowMs);
        }
    }

    /**
     * Neither node is active: the one whose log is ahead becomes it.
     *
     * @param preferred whether this node does if both logs are equal
     */
    private void activateBeside(boolean preferred, long nowMs) {
        PairMessage.State state = peer.state(nowMs);
        if (state == null) {
            if (preferred && peerIsClassic()) { // the table alone counts
                beginTaking(false, nowMs);
            } else if (preferred && peer.tellsNoStates()) {
                takeover.waits(
                        "the peer sends heartbeats and does not say how far its log goes: see that its port for copies is reached");
            }
            return;
        }
        if (state.role() == Role.ACTIVE || state.log().epochStarts().isEmpty()) {
            return;
        }
        if (!settings.witness() && peer.mayBeOld(state, nowMs)) {
            return; // nobody else would refuse this node
        }
        WitnessRecord record = witness.record();
        if (settings.witness() && record != null && record.inStep().size() == 1) {
            if (record.inStep().contains(settings.side())) {
                beginTaking(true, nowMs); // nobody else may
            }
            return;
        }
        besideMs = Math.min(besideMs, nowMs);
        // The preferred node may not reach the witness; that grants it to one of them.
        boolean may = preferred || (settings.witness() && nowMs - besideMs >= 2 * settings.deadAfterMs());
        LogHistory own = log.history();
        boolean ahead = may ? own.isAsRecentAs(state.log()) : !state.log().isAsRecentAs(own);
        if (ahead) {
            beginTaking(true, nowMs);
        }
    }

    /** A client asks for something: returns whether it is to be served. It is the vote for a takeover. */
    public boolean request(long nowMs) {
        switch (BinaryStar.onRequest(role, peer.dead(nowMs))) {
            case SERVE_AND_BECOME_ACTIVE -> {
                if (!settings.witness() && mayTakeOver()) {
                    beginTaking(false, nowMs);
                }
                return accepts();
            }
            case SERVE -> {
                return accepts();
            }
            default -> {
                return false;
            }
        }
    }

    private boolean accepts() {
        ActiveTerm now = term;
        return now != null && !now.switching();
    }

    /**
     * Without a witness a passive node does not take over by itself while it lacks something of the log, or cannot know: a heartbeat
     * alone does not say what the active has accepted. A classic peer says no more than that, and keeps no log.
     */
    private boolean mayTakeOver() {
        if (role == Role.PASSIVE && !wasTold && !peerIsClassic()) {
            takeover.waits(
                    "the active is gone before it has said how far its log goes: bring it back, or promote by force");
            return false;
        }
        boolean may = told - log.end() <= (settings.sync() ? 0 : settings.joinLag());
        if (!may) {
            takeover.waits("the active is gone, and of its log this node has " + log.end() + " of " + told
                    + " positions: bring the active back, or promote by force");
        }
        return may;
    }

    /** Whether the peer is one of another make, which tells no states and keeps no log. */
    private boolean peerIsClassic() {
        return peer.isClassic() && !log.history().hasEntriesOf(settings.side().other());
    }

    private void beginTaking(boolean beside, long nowMs) {
        if (!active()) {
            activateIf(takeover.begin(beside, highestEpoch, nowMs), nowMs);
        }
    }

    private void activateIf(int next, long nowMs) {
        if (next != 0) {
            activate(next, nowMs);
        }
    }

    private void activate(int next, long nowMs) {
        log.raiseEpoch(next);
        highestEpoch = next;
        role = Role.ACTIVE;
        takeover.done();
        target.detach();
        ActiveTerm begun = new ActiveTerm(next, settings, log, peer, witness, committed, out);
        term = begun;
        takeovers++;
        replica.activated(next);
        log.open(true);
        tell(PairEvent.Kind.ACTIVE, "epoch " + next + " begins after position " + log.end());
        begun.progress(nowMs);
        sendState(nowMs); // it says how far the log goes
    }

    private void stepDown(String why, long nowMs) {
        log.open(false);
        role = Role.PASSIVE;
        wasTold = false;
        term = null;
        takeover.giveUp();
        witness.giveUp();
        target.detach();
        replica.deactivated();
        tell(PairEvent.Kind.PASSIVE, why);
        sendState(nowMs);
    }

    /** Goes on as the active, in an epoch above all that the peer knows. */
    private void renew(ActiveTerm old, long nowMs) {
        tell(
                PairEvent.Kind.STALE_EPOCH,
                "the peer knows epoch " + highestEpoch + ", this node is active in " + old.epoch());
        stepDown("its epoch is raised", nowMs);
        beginTaking(true, nowMs);
    }

    private void attach(PairMessage.Attach attach, long nowMs) {
        if (active() || attach.epoch() < highestEpoch) {
            return;
        }
        highestEpoch = attach.epoch();
        // The disk is written now, so that a takeover need not wait for it.
        takeover.reserve(highestEpoch, 0);
        if (role != Role.PASSIVE) {
            role = Role.PASSIVE;
            tell(PairEvent.Kind.PASSIVE, "the peer is active");
        }
        committed.lower(attach.common());
        target.attach(attach, out);
        attachedMs = nowMs;
        told = attach.common();
        wasTold = false;
        takeover.waitsNoMore();
    }

    private void handOver(PairMessage.HandOver handOver, long nowMs) {
        if (!active()
                && handOver.session() == target.session()
                && handOver.end() == log.end()
                && handOver.epoch() == highestEpoch
                && !takeover.isUnderWay()) {
            tell(PairEvent.Kind.SWITCH, "the active hands over");
            beginTaking(true, nowMs);
        }
    }

    /** Entries were appended by this node. */
    public void appended(long nowMs) {
        ActiveTerm now = term;
        if (now != null) {
            now.progress(nowMs);
        }
    }

    /**
     * The same, for the thread that has appended: commits what waits for nobody, and copies a lone entry. Returns false if there is more
     * to copy, for which {@link #appended} is to be called by another thread.
     */
    public boolean appendedInPassing(long nowMs) {
        ActiveTerm now = term;
        return now == null || now.appendedInPassing(nowMs);
    }

    /** An answer of the witness. */
    public void witnessReply(Witness.Reply reply, long nowMs) {
        Witness.Request asked = witness.answered(reply, out);
        if (asked == null) {
            return;
        }
        highestEpoch = Math.max(highestEpoch, reply.record().epoch());
        switch (asked.kind()) {
            case TAKE, FOUND, FORCE -> taken(asked, reply, nowMs);
            case IN, OUT -> changed(asked, reply, nowMs);
            case ASK -> {
                ActiveTerm now = term;
                if (now != null) {
                    now.looked(reply.record(), nowMs);
                }
                tick(nowMs);
            }
        }
    }

    private void taken(Witness.Request asked, Witness.Reply reply, long nowMs) {
        ActiveTerm now = term;
        if (now != null) {
            if (reply.granted() && asked.epoch() == now.epoch()) {
                now.recordedAlone(nowMs);
            } else {
                stepDown("the witness knows epoch " + reply.record().epoch(), nowMs);
            }
            return;
        }
        boolean wanted = takeover.answered(asked.epoch());
        if (wanted && reply.granted() && asked.epoch() >= highestEpoch) {
            activate(asked.epoch(), nowMs);
        } else if (!reply.granted()) {
            takeover.waits("the witness does not let this node take over: " + reply.reason());
        }
    }

    private void changed(Witness.Request asked, Witness.Reply reply, long nowMs) {
        ActiveTerm now = term;
        String refusal = now == null ? null : now.answered(asked, reply, nowMs);
        if (refusal != null) {
            stepDown(refusal, nowMs);
        }
    }

    /** A node that is not well tells its peer nothing, so it is dead to it. */
    public void silent(boolean now) {
        silent = now;
    }

    /** Time has passed; called several times in a heartbeat. */
    public void tick(long nowMs) {
        if (nowMs - tickMs > settings.heartbeatMs()) {
            peer.grace(nowMs);
        }
        tickMs = nowMs;
        noticeDeath(nowMs);
        witness.tick(nowMs, out);
        if (settings.witness()
                && witness.idle()
                && nowMs - witness.askedMs() >= WITNESS_EACH * settings.heartbeatMs()) {
            witness.ask(Witness.Kind.ASK, 0, nowMs, out); // its death is told before it is needed
        }
        ActiveTerm now = term;
        if (now != null) {
            now.tick(nowMs);
        } else {
            tickPassive(nowMs);
        }
        if (nowMs - stateSentMs >= settings.heartbeatMs()) {
            sendState(nowMs);
        }
    }

    private void tickPassive(long nowMs) {
        if (settings.witness() && witness.record() == null && witness.idle()) {
            witness.ask(Witness.Kind.ASK, 0, nowMs, out);
        } else if (takeover.isForced()) {
            activateIf(takeover.goOn(highestEpoch, nowMs), nowMs);
        } else if (settings.witness() && peer.gone(nowMs) && peerIsNotStarting(nowMs)) {
            beginTaking(false, nowMs);
        } else if (settings.witness() && witness.idle() && mayBeOld(nowMs)) {
            witness.ask(Witness.Kind.ASK, 0, nowMs, out);
        } else if (!settings.witness() && role == Role.BACKUP && peer.dead(nowMs)) {
            takeover.waits(
                    "the backup is alone since its start and does not serve: start the primary, or promote by force");
        }
    }

    /**
     * Whether the witness's record may have changed since it was asked, because neither node is active or an epoch has begun: by what it
     * said then this node may not be able to take over. That may last, so it is asked once in a heartbeat.
     */
    private boolean mayBeOld(long nowMs) {
        WitnessRecord record = witness.record();
        boolean old = peer.role() != Role.ACTIVE || (record != null && record.epoch() < highestEpoch);
        return old && nowMs - witness.askedMs() >= settings.heartbeatMs();
    }

    /** Right after its own start a node gives its peer the time of two heartbeats. */
    private boolean peerIsNotStarting(long nowMs) {
        return peer.everHeard() || peer.dead(nowMs);
    }

    private void noticeDeath(long nowMs) {
        boolean dead = peer.dead(nowMs);
        if (dead) {
            nobodyMs = Long.MAX_VALUE;
        }
        if (dead != peerWasDead && peer.everHeard()) {
            tell(
                    dead ? PairEvent.Kind.PEER_DEAD : PairEvent.Kind.PEER_BACK,
                    dead ? "silent for two heartbeats" : "heard");
        }
        peerWasDead = dead;
    }

    private void sendState(long nowMs) {
        stateSentMs = nowMs;
        if (silent) {
            return;
        }
        LogHistory history = log.history();
        out.toPeer(new PairMessage.State(
                settings.pair(),
                settings.side(),
                role,
                epoch(),
                target.session(),
                target.stamp(),
                committed.position(),
                active() ? history.withoutEpochs() : history));
    }

    /** Hands over to the peer; throws if that is not possible now. */
    public void switchOver(long nowMs) {
        ActiveTerm now = term;
        if (now == null) {
            throw new IllegalStateException("this node is not active: ask the other one");
        }
        now.switchOver(nowMs);
    }

    /** Makes a node active by an operator's decision; throws if it is active or, without force, if the peer lives. */
    public void promote(boolean force, long nowMs) {
        ActiveTerm now = term;
        if (now != null) {
            throw new IllegalStateException("this node is active already, in epoch " + now.epoch());
        }
        if (!force && !peer.dead(nowMs)) {
            throw new IllegalStateException(
                    "the peer is alive as " + peer.role() + ": switch there, or promote by force");
        }
        if (!force && settings.witness()) {
            throw new IllegalStateException("the witness decides about takeovers: promote by force to overrule it");
        }
        takeover.force(nowMs);
        beginTaking(true, nowMs);
    }

    private void tell(PairEvent.Kind kind, String text) {
        out.event(new PairEvent(kind, text));
    }
}
