package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Command;
import io.bactrian.wire.TopicSequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answers to publishers that wait until the position on which they rest is committed, in the order in which they were built.
 * The lock of {@link HubMachine} guards it.
 */
final class Acknowledgements {
    private record Held(PeerCommand answer, long after) {}

    private final LifeLog log;
    private final HubIntake intake;
    private final ArrayDeque<Held> waiting = new ArrayDeque<>();

    Acknowledgements(LifeLog log, HubIntake intake) {
        this.log = log;
        this.intake = intake;
    }

    /** An answer that is to be given once a position is committed. */
    void add(PeerCommand answer, long after) {
        waiting.add(new Held(answer, after));
    }

    /**
     * Answers a round: one acknowledgement for each publisher, which names nothing behind what it rests on.
     *
     * @param lastPosition the last position of the round in the log, 0 if it has logged nothing
     */
    void add(IntakeRound round, long lastPosition) {
        Map<String, IntakeRound.ReceivedBatch> publishers = new LinkedHashMap<>();
        Map<String, Map<String, Long>> topics = new LinkedHashMap<>();
        // A batch that came again may have been logged just before, and not be committed yet.
        long after = round.known().isEmpty() ? lastPosition : log.end();
        for (IntakeRound.ReceivedBatch received : round.known()) {
            Batch batch = received.batch();
            note(publishers, topics, received, intake.logged(batch.publisher(), batch.topic()));
        }
        for (IntakeRound.ReceivedBatch received : round.toAppend()) {
            note(publishers, topics, received, received.batch().last());
        }
        publishers.forEach((publisher, received) -> {
            List<TopicSequence> last = new ArrayList<>();
            topics.getOrDefault(publisher, Map.of())
                    .forEach((topic, sequence) -> last.add(new TopicSequence(topic, sequence)));
            Command ack = new Command.Ack(received.batch().epoch(), log.epoch(), last);
            add(new PeerCommand(received.peer(), ack), after);
        });
    }

    private static void note(
            Map<String, IntakeRound.ReceivedBatch> publishers,
            Map<String, Map<String, Long>> topics,
            IntakeRound.ReceivedBatch received,
            long sequence) {
        String publisher = received.batch().publisher();
        publishers.put(publisher, received);
        topics.computeIfAbsent(publisher, key -> new LinkedHashMap<>())
                .merge(received.batch().topic(), sequence, Math::max);
    }

    /** The answers that rest on nothing above the committed position, each given once. */
    List<PeerCommand> free(long committed) {
        List<PeerCommand> free = new ArrayList<>();
        while (!waiting.isEmpty() && waiting.peek().after() <= committed) {
            free.add(waiting.remove().answer());
        }
        return free;
    }
}
