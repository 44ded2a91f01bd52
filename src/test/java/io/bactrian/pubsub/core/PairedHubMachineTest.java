package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Command;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import io.bactrian.wire.TopicSequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a hub on a pair tells its clients, and what the other one knows from the copy of its log alone. */
class PairedHubMachineTest {
    private static final byte[] PEER = {1};

    /** A hub with its log and its tables. */
    private static final class Node {
        private final MemoryLog log = new MemoryLog();
        private final MemorySnapshots tables = new MemorySnapshots();
        private long committed = Long.MAX_VALUE;
        private final HubLives lives = new HubLives(this::machine);
        private HubMachine hub = lives.present();

        private HubMachine machine() {
            RetentionRules nothingKept = new RetentionRules(
                    new RetentionRules.Rule(Duration.ofDays(1), Long.MAX_VALUE),
                    Map.of(),
                    0,
                    RetentionRules.OnFull.REFUSE);
            return Machines.over(log, tables, HubLimits.defaults(), end -> Math.min(end, committed), nothingKept);
        }

        private void activate(int epoch) {
            log.raiseEpoch(epoch);
            stepDown();
            lives.activate(HubLife.IN_PAIR, 0);
            hub = lives.present();
        }

        private void stepDown() {
            if (hub.isActive()) {
                assertThat(lives.retire()).as("nothing is under way").isTrue();
                lives.bury(0);
            }
        }

        private void follow() {
            stepDown();
            lives.follow(true, 0);
        }

        private List<Command> publisher(IntakeRound round) {
            hub.greet(round, 0);
            hub.admit(round, 0);
            long first = log.append(round.admitted());
            hub.appended(round, first, 0);
            return answers(round);
        }

        private List<Command> answers(IntakeRound round) {
            List<Command> said = new ArrayList<>();
            round.refusals().forEach(refusal -> said.add(refusal.command()));
            hub.acknowledgements().forEach(answer -> said.add(answer.command()));
            return said;
        }

        private List<Command> ask(Command command) {
            IntakeRound round = new IntakeRound();
            round.request(PEER, command);
            return publisher(round);
        }

        private List<Command> put(long epoch, long sequence) {
            BatchBuilder batch = new BatchBuilder("p", "t", epoch, sequence);
            batch.append(new byte[] {1});
            IntakeRound round = new IntakeRound();
            round.batch(PEER, batch.build());
            return publisher(round);
        }

        private long open() {
            long epoch = ((Command.Welcome) ask(new Command.Hello("p", 7)).get(0)).epoch();
            ask(new Command.Open("p", epoch, List.of(new TopicSequence("t", 0))));
            return epoch;
        }

        private long cursor;

        private List<Command> fed() {
            hub.requestsKept();
            List<Command> said = new ArrayList<>();
            boolean more = true;
            while (more) {
                hub.answers().forEach(answer -> said.add(answer.command()));
                for (Delivery delivery : hub.plan(1 << 20)) {
                    PeerCommand message = hub.deliver(delivery, 0);
                    if (message != null) {
                        said.add(message.command());
                    }
                }
                more = hub.settle();
            }
            return said;
        }

        private Command.Attached attach(long cursor) {
            hub.receive(PEER, new Command.Attach("s", 9, 0, log.epoch(), cursor, 1 << 20), 0);
            return (Command.Attached) fed().get(0);
        }

        /** Returns the session, which may be another one by then. */
        private int subscribeToAll(int session) {
            hub.receive(PEER, new Command.Subscribe(session, 1, 0, PatternKind.PREFIX, StartFrom.OLDEST, 0, ""), 0);
            return fed().stream()
                    .filter(Command.Subscribed.class::isInstance)
                    .mapToInt(answer -> ((Command.Subscribed) answer).session())
                    .findFirst()
                    .orElseThrow();
        }

        /** The subscriber has processed all that it is told, and asks how far the log goes, as with each of its heartbeats. */
        private void acknowledgeAll(int session) {
            for (Command told : fed()) {
                if (told instanceof Command.Deliver message) {
                    cursor = message.position();
                } else if (told instanceof Command.End end) {
                    cursor = end.end();
                }
            }
            hub.receive(PEER, new Command.Acknowledge(session, cursor, true), 0);
            hub.requestsKept();
        }
    }

    private final Node active = new Node();
    private final Node passive = new Node();

    private void copyAll() {
        passive.log.copy(active.log, active.log.end());
    }

    @Test
    void whoeverWasRefusedAMomentAgoIsAnsweredWhenALifeBegins() {
        Node node = new Node();
        IntakeRound early = new IntakeRound();
        early.request(PEER, new Command.Hello("p", 7));
        node.lives.greet(node.hub, early, 0);
        assertThat(node.answers(early)).singleElement().isInstanceOf(Command.Refuse.class);

        node.activate(1);
        assertThat(node.answers(new IntakeRound())).singleElement().isInstanceOf(Command.Welcome.class);
        node.activate(2);
        assertThat(node.answers(new IntakeRound())).as("once").isEmpty();
    }

    @Test
    void whoeverWasRefusedLongAgoAsksAgain() {
        Node node = new Node();
        IntakeRound early = new IntakeRound();
        early.request(PEER, new Command.Hello("p", 7));
        node.lives.greet(node.hub, early, -2_000);

        node.activate(1);
        assertThat(node.answers(new IntakeRound())).isEmpty();
        assertThat(node.ask(new Command.Hello("p", 7))).singleElement().isInstanceOf(Command.Welcome.class);
    }

    @Test
    void aRehearsalLeavesAClosedLife() {
        MemoryLog scratch = new MemoryLog();
        for (int epoch = 1; epoch < 4; epoch++) {
            long before = scratch.end();
            scratch.raiseEpoch(epoch);
            HubRehearsal.live(
                    scratch,
                    HubLimits.defaults(),
                    new RetentionRules(
                            new RetentionRules.Rule(Duration.ofDays(1), Long.MAX_VALUE),
                            Map.of(),
                            0,
                            RetentionRules.OnFull.REFUSE),
                    0);
            assertThat(scratch.end()).isGreaterThan(before + 50);
        }
    }

    @Test
    void anAnswerWaitsUntilWhatItRestsOnIsCommitted() {
        active.activate(1);
        active.committed = active.log.end();
        assertThat(active.ask(new Command.Hello("p", 7))).isEmpty();
        active.committed = active.log.end();
        assertThat(active.answers(new IntakeRound())).singleElement().isInstanceOf(Command.Welcome.class);

        active.hub.receive(PEER, new Command.Attach("s", 9, 0, 0, 0, 1 << 20), 0);
        assertThat(active.fed()).isEmpty();
        active.committed = active.log.end();
        assertThat(active.fed()).singleElement().isInstanceOf(Command.Attached.class);
    }

    @Test
    void theOtherHubGoesOnWithWhatTheLogSays() {
        active.activate(1);
        long epoch = active.open();
        active.put(epoch, 1);
        active.subscribeToAll(active.attach(0).session());
        active.put(epoch, 2);
        active.hub.checkpoint(0);
        copyAll();
        passive.follow();

        passive.activate(2);
        assertThat(passive.put(epoch, 2))
                .singleElement()
                .isEqualTo(new Command.Ack(epoch, 2, List.of(new TopicSequence("t", 2))));
        assertThat(passive.put(epoch, 3))
                .singleElement()
                .isEqualTo(new Command.Ack(epoch, 2, List.of(new TopicSequence("t", 3))));
        assertThat(((Command.Welcome) passive.ask(new Command.Hello("q", 8)).get(0)).epoch())
                .as("no epoch is granted twice")
                .isGreaterThan(epoch);
        assertThat(passive.tables.load().subscribers())
                .singleElement()
                .satisfies(s -> assertThat(s.subscriptions()).hasSize(1));
        passive.attach(0);
        assertThat(passive.hub.figures().fed().delivered())
                .as("three messages, and none of the hub's own")
                .isEqualTo(3);
    }

    @Test
    void aHubThatHasFollowedNeedsNoDatabaseToBeActive() {
        active.activate(1);
        long epoch = active.open();
        active.put(epoch, 1);
        copyAll();
        passive.follow();
        active.put(epoch, 2);
        copyAll();
        passive.lives.follow(false, 0);
        active.put(epoch, 3);
        copyAll();

        passive.tables.away(true);
        passive.activate(2);
        assertThat(passive.hub.topics())
                .singleElement()
                .satisfies(topic -> assertThat(topic.messages()).isEqualTo(3));
        assertThat(passive.put(epoch, 3))
                .singleElement()
                .isEqualTo(new Command.Ack(epoch, 2, List.of(new TopicSequence("t", 3))));
        assertThat(passive.put(epoch, 4))
                .singleElement()
                .isEqualTo(new Command.Ack(epoch, 2, List.of(new TopicSequence("t", 4))));
        assertThat(((Command.Welcome) passive.ask(new Command.Hello("q", 8)).get(0)).epoch())
                .isGreaterThan(epoch);

        passive.tables.away(false);
        passive.hub.checkpoint(0);
        assertThat(passive.tables.load().publishers())
                .extracting(PublisherState::id)
                .containsExactly("p", "q");
    }

    @Test
    void aHubThatFollowsTakesOverWhatTheOtherSaysBesideMessages() {
        active.activate(1);
        long epoch = active.open();
        active.put(epoch, 1);
        copyAll();
        passive.follow();
        active.put(epoch, 2);
        active.subscribeToAll(active.attach(0).session());
        active.put(epoch, 3);
        copyAll();

        passive.lives.follow(false, 0);
        passive.activate(2);
        assertThat(passive.hub.topics())
                .singleElement()
                .satisfies(topic ->
                        assertThat(topic.messages()).as("each counted once").isEqualTo(3));
        assertThat(passive.hub.figures().subscribers())
                .singleElement()
                .satisfies(s -> assertThat(s.subscriptions()).hasSize(1));
        assertThat(passive.put(epoch, 3))
                .singleElement()
                .isEqualTo(new Command.Ack(epoch, 2, List.of(new TopicSequence("t", 3))));
    }

    @Test
    void aHubThatWasKilledInAPairGoesOnAloneWithAllThatItHadGranted() {
        active.activate(1);
        active.hub.checkpoint(0);
        long epoch = active.open();
        active.put(epoch, 1);
        active.subscribeToAll(active.attach(0).session());

        HubMachine alone = active.machine();
        alone.start(0);
        assertThat(alone.figures().publishers()).isEqualTo(1);
        assertThat(alone.figures().subscribers())
                .singleElement()
                .satisfies(s -> assertThat(s.subscriptions()).hasSize(1));
        active.hub = alone;
        assertThat(((Command.Welcome) active.ask(new Command.Hello("q", 8)).get(0)).epoch())
                .as("no epoch is granted twice")
                .isGreaterThan(epoch);
    }

    @Test
    void whileNothingIsPutTheLogDoesNotGrow() {
        active.activate(1);
        long epoch = active.open();
        int session = active.subscribeToAll(active.attach(0).session());
        active.put(epoch, 1);
        for (int i = 0; i < 3; i++) {
            active.acknowledgeAll(session);
            active.hub.checkpoint(0);
        }
        long end = active.log.end();
        for (int i = 0; i < 10; i++) {
            active.acknowledgeAll(session);
            active.hub.checkpoint(0);
        }
        assertThat(active.log.end()).isEqualTo(end);
        assertThat(active.hub.figures().outstanding()).isZero();
    }

    @Test
    void nobodyIsForgottenWhomTheOtherHubHasHeard() {
        active.activate(1);
        active.open();
        active.subscribeToAll(active.attach(0).session());
        copyAll();
        passive.follow();

        passive.log.raiseEpoch(2);
        passive.lives.activate(HubLife.IN_PAIR, Duration.ofDays(30).toMillis());
        HubMachine hub = passive.lives.present();
        hub.expirePublishers(Duration.ofDays(7), Duration.ofDays(30).toMillis());
        hub.expireSubscribers(Duration.ofDays(7), Duration.ofDays(30).toMillis());
        assertThat(hub.figures().publishers()).isEqualTo(1);
        assertThat(hub.figures().subscribers()).hasSize(1);
    }

    @Test
    void aCopyThatBeginsBehindWhatWasPurgedHasTheWhole() {
        active.activate(1);
        long epoch = active.open();
        int session = active.subscribeToAll(active.attach(0).session());
        for (long sequence = 1; sequence <= 8; sequence++) {
            active.put(epoch, sequence);
        }
        active.fed();
        active.hub.receive(PEER, new Command.Acknowledge(session, active.log.end(), false), 0);
        assertThat(active.fed()).isEmpty();
        active.hub.checkpoint(0);
        active.hub.purge(0);
        assertThat(active.log.first()).isGreaterThan(4);
        copyAll();

        passive.activate(2);
        assertThat(passive.put(epoch, 8))
                .singleElement()
                .isEqualTo(new Command.Ack(epoch, 2, List.of(new TopicSequence("t", 8))));
        assertThat(passive.tables.load().subscribers()).singleElement().satisfies(s -> {
            assertThat(s.subscriptions()).hasSize(1);
            assertThat(s.cursor()).isGreaterThan(8);
        });
    }

    @Test
    void bothHubsDeleteOnceThatItMayBeIsCommitted() {
        active.activate(1);
        long epoch = active.open();
        for (long sequence = 1; sequence <= 6; sequence++) {
            active.put(epoch, sequence);
        }
        active.hub.checkpoint(0);
        long end = active.log.end();
        active.committed = end;
        active.hub.purge(0);
        assertThat(active.log.end()).as("it is said in the log").isGreaterThan(end);
        copyAll();
        passive.committed = end;
        passive.follow();
        assertThat(active.log.first()).isEqualTo(1);
        assertThat(passive.log.first()).isEqualTo(1);

        active.committed = Long.MAX_VALUE;
        active.hub.purge(0);
        assertThat(active.log.first()).isGreaterThan(4);
        passive.committed = Long.MAX_VALUE;
        passive.follow();
        assertThat(passive.log.first()).isEqualTo(active.log.first());
        assertThat(passive.tables.load().sequences())
                .singleElement()
                .satisfies(last -> assertThat(last.lastSequence()).isEqualTo(6));
    }

    @Test
    void whereTheOtherHubMayHaveDeletedNobodyIsGrantedAStart() {
        active.activate(1);
        long epoch = active.open();
        for (long sequence = 1; sequence <= 6; sequence++) {
            active.put(epoch, sequence);
        }
        active.hub.checkpoint(0);
        active.committed = active.log.end();
        active.hub.purge(0);
        copyAll();
        active.committed = Long.MAX_VALUE;
        active.hub.purge(0);
        long first = active.log.first();
        assertThat(first).isGreaterThan(1);

        passive.activate(2);
        assertThat(passive.log.first()).as("it has not deleted yet").isEqualTo(1);
        passive.subscribeToAll(passive.attach(0).session());
        passive.hub.checkpoint(0);
        assertThat(passive.tables.load().subscribers())
                .singleElement()
                .satisfies(s -> assertThat(s.subscriptions())
                        .singleElement()
                        .satisfies(pattern -> assertThat(pattern.start()).isGreaterThanOrEqualTo(first)));
        passive.hub.purge(0);
        assertThat(passive.log.first()).as("now it has").isGreaterThan(1);
    }

    @Test
    void whatWasAppliedOfAnEndThatIsCutIsForgotten() {
        active.activate(1);
        active.open();
        long common = active.log.end();
        copyAll();
        active.attach(0);
        active.hub.checkpoint(0);
        assertThat(active.tables.load().subscribers()).hasSize(1);

        // The other one took over before it had that, and has logged something else there.
        passive.activate(2);
        passive.ask(new Command.Hello("q", 8));
        assertThat(passive.log.end()).isGreaterThan(common);
        active.log.copy(passive.log, passive.log.end());
        active.follow();
        assertThat(active.tables.load().subscribers()).isEmpty();
        assertThat(active.tables.load().publishers())
                .extracting(PublisherState::id)
                .containsExactly("p", "q");
    }

    @Test
    void anEndThatIsCutIsForgottenAlsoIfTheHubHasFollowedBelowItMeanwhile() {
        active.activate(1);
        active.open();
        long common = active.log.end();
        copyAll();
        active.attach(0);
        active.committed = 0;
        active.hub.checkpoint(0);
        active.committed = common;
        active.follow();
        assertThat(active.tables.load().subscribers())
                .as("the database is ahead of what is committed")
                .hasSize(1);

        passive.activate(2);
        passive.ask(new Command.Hello("q", 8));
        active.log.copy(passive.log, passive.log.end());
        active.committed = Long.MAX_VALUE;
        active.follow();
        assertThat(active.tables.load().subscribers()).isEmpty();
        active.activate(3);
        assertThat(active.hub.figures().subscribers()).isEmpty();
    }

    @Test
    void whatIsNotCommittedLetsAPassiveHubDeleteNothing() {
        active.activate(1);
        long epoch = active.open();
        for (long sequence = 1; sequence <= 6; sequence++) {
            active.put(epoch, sequence);
        }
        active.hub.checkpoint(0);
        long end = active.log.end();
        active.committed = end;
        active.hub.purge(0);
        active.hub.checkpoint(0);
        assertThat(active.tables.load().purgedBefore()).isGreaterThan(1);
        active.follow();
        assertThat(active.log.first()).as("the record of it may still be cut").isEqualTo(1);

        active.committed = Long.MAX_VALUE;
        active.follow();
        assertThat(active.log.first()).as("now it may not").isGreaterThan(1);
    }
}
