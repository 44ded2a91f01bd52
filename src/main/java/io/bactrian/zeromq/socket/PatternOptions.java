package io.bactrian.zeromq.socket;

import org.jspecify.annotations.Nullable;

/**
 * Options of sockets of some kinds. The names of the components are the names of the endpoint options.
 *
 * @param routingId own identity, or null for one chosen by the peer
 * @param mandatory a router fails for an unknown peer, and waits for a full one, where it would drop
 * @param handover a router gives a routing id to the newest peer that claims it
 * @param xpubNoDrop a full peer holds the publisher back, where it would miss messages
 * @param xpubVerbose every subscription is reported, also repeated ones
 * @param conflate only the last message is kept; single frames only
 * @param retries how often a req sends a request again on a new connection
 */
public record PatternOptions(
        @Nullable String routingId,
        boolean mandatory,
        boolean handover,
        boolean xpubNoDrop,
        boolean xpubVerbose,
        boolean conflate,
        int retries) {
    /** None of them. */
    public static final PatternOptions DEFAULT = new PatternOptions(null, false, false, false, false, false, 0);
}
