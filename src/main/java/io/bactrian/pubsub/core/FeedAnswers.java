package io.bactrian.pubsub.core;

import io.bactrian.wire.Cause;
import io.bactrian.wire.Command;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The answers of a hub to subscribers, in order. An answer waits until what it rests on is durable, and until the
 * position on which it
 * rests is committed. Not thread-safe.
 */
final class FeedAnswers {
    private record Held(PeerCommand answer, long after) {}

    private final ArrayDeque<Held> held = new ArrayDeque<>();
    /** Answers that rest on something which is not durable yet. */
    private final List<PeerCommand> fresh = new ArrayList<>();

    /** An answer that rests on what was changed for it. */
    void add(PeerCommand answer) {
        fresh.add(answer);
    }

    /** Something that rests on nothing. */
    void tell(Session session, Command command) {
        held.add(new Held(new PeerCommand(session.peer(), command), 0));
    }

    /** Tells a session that a range is lost. */
    void lost(Session session, int logEpoch, long from, long to, Cause cause) {
        tell(session, new Command.Lost(session.number(), logEpoch, from, to, cause));
    }

    /** What was answered up to now is durable, and rests on nothing above a position of the log. */
    void kept(long position) {
        fresh.forEach(answer -> held.add(new Held(answer, position)));
        fresh.clear();
    }

    /**
     * Drops the answers whose ground is not durable.
     *
     * @return the sessions that they would have opened or changed; -1 for an answer that does neither
     */
    List<Integer> dropFresh() {
        List<Integer> dropped = fresh.stream().map(FeedAnswers::sessionOf).toList();
        fresh.clear();
        return dropped;
    }

    /** The answers that rest on nothing above the committed position, each given once. */
    List<PeerCommand> free(long committed) {
        List<PeerCommand> free = new ArrayList<>();
        while (hasFree(committed)) {
            free.add(held.remove().answer());
        }
        return free;
    }

    boolean hasFree(long committed) {
        return !held.isEmpty() && held.peek().after() <= committed;
    }

    /** The sessions for which an answer waits that opens or changes them; they are not fed until it is given. */
    Set<Integer> sessionsThatWait() {
        Set<Integer> waiting = new HashSet<>();
        held.forEach(answer -> waiting.add(sessionOf(answer.answer())));
        fresh.forEach(answer -> waiting.add(sessionOf(answer)));
        return waiting;
    }

    /** The session that an answer opens or changes, -1 if it does neither. */
    private static int sessionOf(PeerCommand answer) {
        if (answer.command() instanceof Command.Attached attached) {
            return attached.session();
        }
        return answer.command() instanceof Command.Subscribed subscribed ? subscribed.session() : -1;
    }
}
