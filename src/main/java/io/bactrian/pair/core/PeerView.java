package io.bactrian.pair.core;

import org.jspecify.annotations.Nullable;

/** The state of its peer, as a node knows it. */
final class PeerView {
    /** Heartbeats within which a peer that tells states tells one. */
    private static final int TELLS_WITHIN = 4;

    private final PairSettings settings;
    private long heardMs;
    private long stateMs;
    /** When it was heard first after a time of silence. */
    private long firstHeardMs;

    private boolean heard;
    private boolean tellsNoStates;
    private boolean isClassic;
    private boolean refused;
    private long refusedMs = Long.MIN_VALUE / 2;
    private @Nullable Role role;
    /** What the last heartbeat said; null if none came since the peer was silent. */
    private @Nullable Role beat;

    private long beatMs;
    private PairMessage.@Nullable State state;

    PeerView(PairSettings settings, long nowMs) {
        this.settings = settings;
        this.heardMs = nowMs;
    }

    void heard(Role now, long nowMs) {
        role = now;
        if (!heard || dead(nowMs)) {
            firstHeardMs = nowMs;
            beat = null;
        }
        heardMs = nowMs;
        heard = true;
        tellsNoStates = state == null && nowMs - firstHeardMs >= TELLS_WITHIN * settings.heartbeatMs();
        isClassic = tellsNoStates && nowMs - refusedMs < settings.deadAfterMs();
        refused = false;
    }

    void heartbeat(Role now, long nowMs) {
        heard(now, nowMs);
        beat = now;
        beatMs = nowMs;
    }

    void heard(PairMessage.State now, long nowMs) {
        state = now;
        heard(now.role(), nowMs);
        stateMs = nowMs;
    }

    /** Its port takes no connection any more: that is a reason to ask the witness, and no proof of anything. */
    void refused(long nowMs) {
        refused = true;
        refusedMs = nowMs;
    }

    /** This node itself was held up: what it has not heard meanwhile means nothing. */
    void grace(long nowMs) {
        heardMs = nowMs;
    }

    boolean dead(long nowMs) {
        return nowMs - heardMs >= settings.deadAfterMs();
    }

    boolean gone(long nowMs) {
        return refused || dead(nowMs);
    }

    boolean everHeard() {
        return heard;
    }

    @Nullable Role role() {
        return role;
    }

    /** Its last state, null if it has told none for so long that it may be a peer that tells none. */
    PairMessage.@Nullable State state(long nowMs) {
        return state != null && nowMs - stateMs < TELLS_WITHIN * settings.heartbeatMs() ? state : null;
    }

    /**
     * Whether a state may be an old one: it may have waited for this node in a queue, since before the peer became active. Heartbeats wait
     * nowhere. If only they are cut off, the states are relied on after a time in which a new one has come.
     */
    boolean mayBeOld(PairMessage.State told, long nowMs) {
        return beat == null
                ? nowMs - firstHeardMs < settings.deadAfterMs()
                : beat != told.role() && nowMs - beatMs < settings.deadAfterMs();
    }

    /** Its last state, however old. */
    PairMessage.@Nullable State lastState() {
        return state;
    }

    /** Whether it was heard for so long, without a break, that it would have told a state if it told any. */
    boolean tellsNoStates() {
        return tellsNoStates;
    }

    /** Whether it tells no states because nobody listens where it would be told one; a link that is cut does not refuse. */
    boolean isClassic() {
        return isClassic;
    }
}
