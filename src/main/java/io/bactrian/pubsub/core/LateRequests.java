package io.bactrian.pubsub.core;

import io.bactrian.wire.Command;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The publishers that have asked a moment ago and were refused, as the hub was not active. The next life answers them as it
 * begins: so they do not wait until they ask again. A request counts for as long as it could have been under way.
 *
 * <p>Thread-safe.
 */
final class LateRequests {
    private static final int PEERS_MAX = 1_000;
    private static final long TIME_MS = 1_000;

    private record Late(PeerCommand request, long atMs) {}

    /** The last request of each peer, the oldest first. */
    private final Map<ByteBuffer, Late> late = new LinkedHashMap<>();

    /** Keeps what of a round asks for an epoch. */
    synchronized void add(IntakeRound round, long nowMs) {
        for (PeerCommand request : round.requests()) {
            if (request.command() instanceof Command.Hello || request.command() instanceof Command.Open) {
                ByteBuffer peer = ByteBuffer.wrap(request.peer());
                late.remove(peer);
                late.put(peer, new Late(request, nowMs));
            }
        }
        var oldest = late.values().iterator();
        for (int more = late.size() - PEERS_MAX; more > 0; more--) {
            oldest.next();
            oldest.remove();
        }
    }

    /** Gives what is not too old, once. */
    synchronized IntakeRound take(long nowMs) {
        IntakeRound round = new IntakeRound();
        for (Late one : late.values()) {
            if (nowMs - one.atMs() <= TIME_MS) {
                round.request(one.request().peer(), one.request().command());
            }
        }
        late.clear();
        return round;
    }
}
