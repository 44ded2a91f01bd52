package io.bactrian.pair.core;

import org.jspecify.annotations.Nullable;

/** What a node knows of its peer. */
final class PeerView {
    private final PairSettings settings;
    private final long startMs;
    private long heardMs;
    private long stateMs;
    private boolean heard;
    private boolean refused;
    private @Nullable Role role;
    private PairMessage.@Nullable State state;

    PeerView(PairSettings settings, long nowMs) {
        this.settings = settings;
        this.startMs = nowMs;
        this.heardMs = nowMs;
    }

    void heard(Role now, long nowMs) {
        role = now;
        heardMs = nowMs;
        heard = true;
        refused = false;
    }

    void heard(PairMessage.State now, long nowMs) {
        heard(now.role(), nowMs);
        state = now;
        stateMs = nowMs;
    }

    /** Its port takes no connection any more: that is a reason to ask the witness, and no proof of anything. */
    void refused() {
        refused = true;
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
        return state != null && nowMs - stateMs < 4 * settings.heartbeatMs() ? state : null;
    }

    /** Its last state, however old. */
    PairMessage.@Nullable State lastState() {
        return state;
    }

    /** Whether it is too early to say that the peer tells no states. */
    boolean mayStillTell(long nowMs) {
        return state == null && nowMs - startMs < 4 * settings.heartbeatMs();
    }
}
