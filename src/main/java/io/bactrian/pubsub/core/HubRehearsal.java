package io.bactrian.pubsub.core;

import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Command;
import io.bactrian.wire.TopicSequence;
import java.util.List;
import java.util.Map;

/**
 * A short life of a hub over a log that is thrown away, in which a publisher is refused, let in, and acknowledged. A takeover then
 * finds the code that it needs loaded, which takes longer than all that it does.
 */
public final class HubRehearsal {
    private static final String TOPIC = "rehearsal";
    private static final byte[] PEER = {1};
    private static final int ROUNDS = 50;

    private HubRehearsal() {}

    /**
     * Lives from the end of a log on.
     *
     * @throws RuntimeException if the log fails
     */
    public static void live(HubLog log, HubLimits limits, RetentionRules rules, long nowMs) {
        HubLives lives = new HubLives(
                () -> new HubMachine(log, new NoTables(log), limits, rules, CommitGate.ALONE, new NoNotices(), 1));
        String publisher = TOPIC + log.epoch(); // those of former lives are known
        lives.greet(lives.present(), asks(new Command.Hello(publisher, 1)), nowMs);
        lives.follow(false, nowMs);
        lives.activate(HubLife.IN_PAIR, nowMs);
        HubMachine hub = lives.present();
        long epoch = hub.acknowledgements().stream()
                .map(PeerCommand::command)
                .filter(Command.Welcome.class::isInstance)
                .mapToLong(command -> ((Command.Welcome) command).epoch())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("nobody was let in"));
        lives.greet(hub, asks(new Command.Open(publisher, epoch, List.of(new TopicSequence(TOPIC, 0)))), nowMs);
        BatchBuilder batches = new BatchBuilder(publisher, TOPIC, epoch, 1);
        for (int i = 0; i < ROUNDS; i++) {
            batches.append(PEER);
            IntakeRound round = new IntakeRound();
            round.batch(PEER, batches.build());
            hub.admit(round, nowMs);
            long first = 0;
            for (var batch : round.admitted()) {
                first = log.appendControl(batch) - batch.count() + 1;
            }
            hub.appended(round, first, nowMs);
            hub.acknowledgements().forEach(answer -> answer.command().encode());
        }
        lives.retire();
        lives.bury(nowMs);
    }

    private static IntakeRound asks(Command command) {
        IntakeRound round = new IntakeRound();
        round.request(PEER, command);
        return round;
    }

    /** Holds nothing of a log. */
    private record NoTables(HubLog log) implements HubSnapshots {
        @Override
        public HubState load() {
            return HubState.emptyOf(log.identity());
        }

        @Override
        public void apply(List<ControlRecord> records) {}

        @Override
        public void clear() {}

        @Override
        public void checkpoint(Checkpoint checkpoint) {}

        @Override
        public void touchPublishers(Map<String, Long> lastSeenMs) {}
    }

    private static final class NoNotices implements HubNotices {
        @Override
        public void info(String line) {}

        @Override
        public void warn(String line) {}
    }
}
