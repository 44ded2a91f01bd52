package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import io.bactrian.wire.TopicSequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The order in which a hub logs, commits, tells, keeps and deletes. */
class HubMachineTest {
    private static final byte[] PUBLISHER = {1};
    private static final byte[] SUBSCRIBER = {2};

    private final MemoryLog log = new MemoryLog();
    private final MemorySnapshots tables = new MemorySnapshots();
    private final Failing snapshots = new Failing(tables);
    private long committedMax = Long.MAX_VALUE;
    private long sequence;
    private long instance = 100;
    private HubMachine hub;

    @BeforeEach
    void start() {
        // Whatever nobody needs may be deleted.
        RetentionRules retention = new RetentionRules(
                new RetentionRules.Rule(Duration.ofDays(1), Long.MAX_VALUE), Map.of(), 0, RetentionRules.OnFull.REFUSE);
        hub = Machines.over(log, snapshots, HubLimits.defaults(), end -> Math.min(end, committedMax), retention);
        hub.start(0);
    }

    private List<Command> round(IntakeRound round) {
        hub.greet(round, 0);
        hub.admit(round, 0);
        long first = log.append(round.admitted());
        hub.appended(round, first, 0);
        List<Command> said = new ArrayList<>();
        round.refusals().forEach(refusal -> said.add(refusal.command()));
        hub.acknowledgements().forEach(answer -> said.add(answer.command()));
        return said;
    }

    private List<Command> ask(Command command) {
        IntakeRound round = new IntakeRound();
        round.request(PUBLISHER, command);
        return round(round);
    }

    private void open() {
        long epoch = ((Command.Welcome) ask(new Command.Hello("p", 7)).get(0)).epoch();
        ask(new Command.Open("p", epoch, List.of(new TopicSequence("t", 0))));
    }

    private List<Command> put() {
        return put(++sequence);
    }

    private List<Command> put(long number) {
        BatchBuilder batch = new BatchBuilder("p", "t", 1, number);
        batch.append(new byte[] {1});
        IntakeRound round = new IntakeRound();
        round.batch(PUBLISHER, batch.build());
        return round(round);
    }

    private static Command ack(long sequence) {
        return new Command.Ack(1, 1, List.of(new TopicSequence("t", sequence)));
    }

    private List<Command> fed() {
        List<Command> said = new ArrayList<>();
        boolean more = true;
        while (more) {
            hub.answers().forEach(answer -> said.add(answer.command()));
            for (Delivery delivery : hub.plan(1 << 20)) {
                Outbound message = hub.deliver(delivery, 0);
                if (message != null) {
                    said.add(message.command());
                }
            }
            more = hub.settle();
        }
        return said;
    }

    private int attach() {
        hub.receive(SUBSCRIBER, new Command.Attach("s", 9, 0, 0, 0, 1 << 20), 0);
        hub.requestsKept();
        return ((Command.Attached) fed().get(0)).session();
    }

    private void subscribe(int session, StartFrom from) {
        hub.receive(SUBSCRIBER, new Command.Subscribe(session, 1, 0, PatternKind.TOPIC, from, 0, "t"), 0);
        hub.requestsKept();
    }

    @Test
    void anAcknowledgementWaitsUntilItsOwnBatchIsCommitted() {
        open();
        committedMax = 1;
        assertThat(put()).containsExactly(ack(1));
        assertThat(put()).isEmpty();
        assertThat(put()).isEmpty();
        committedMax = 2;
        assertThat(hub.acknowledgements())
                .as("the acknowledgement of the second names the second, though the third is logged")
                .extracting(HubMachine.Answer::command)
                .containsExactly(ack(2));
        assertThat(put(3)).as("a batch that comes again").isEmpty();
        committedMax = 3;
        assertThat(hub.acknowledgements())
                .extracting(HubMachine.Answer::command)
                .containsExactly(ack(3), ack(3));
    }

    @Test
    void whatAHubSaysAsLoggedAtAnOpenIsCommitted() {
        open();
        committedMax = 0;
        put();
        Command again = new Command.Open("p", 1, List.of(new TopicSequence("t", 0)));
        assertThat(ask(again)).isEmpty();
        committedMax = 1;
        assertThat(hub.acknowledgements())
                .extracting(HubMachine.Answer::command)
                .containsExactly(ack(1), new Command.Opened(1, List.of(new TopicSequence("t", 1))));
    }

    @Test
    void nothingIsDeliveredOrPublishedThatIsNotCommitted() {
        open();
        int session = attach();
        subscribe(session, StartFrom.OLDEST);
        fed();
        committedMax = 0;
        put();
        assertThat(fed()).isEmpty();
        assertThat(hub.publications()).isEmpty();
        committedMax = 1;
        assertThat(fed()).containsExactly(new Command.Deliver(session, 1, 0, 1));
        assertThat(hub.publications()).hasSize(1);
        put();
        assertThat(hub.publications())
                .as("it does not overtake what had to wait")
                .isEmpty();
        committedMax = 2;
        assertThat(hub.publications()).hasSize(1);
    }

    @Test
    void theEndThatASubscriberIsToldIsCommitted() {
        open();
        put();
        committedMax = 1;
        put();
        hub.receive(SUBSCRIBER, new Command.Attach("s", 9, 0, 0, 0, 1 << 20), 0);
        hub.requestsKept();
        Command.Attached attached = (Command.Attached) fed().get(0);
        assertThat(attached.end()).isEqualTo(1);
        hub.receive(
                SUBSCRIBER,
                new Command.Subscribe(attached.session(), 1, 0, PatternKind.TOPIC, StartFrom.NOW, 0, "t"),
                0);
        hub.requestsKept();
        assertThat(fed())
                .as("from the position after the committed one on")
                .singleElement()
                .isInstanceOfSatisfying(
                        Command.Subscribed.class, s -> assertThat(s.start()).isEqualTo(2));
        committedMax = 2;
        assertThat(fed()).containsExactly(new Command.Deliver(attached.session(), 1, 1, 2));
    }

    @Test
    void aCheckpointSaysNothingAboveTheCommittedPosition() {
        open();
        put();
        committedMax = 1;
        put();
        hub.checkpoint(0);
        assertThat(tables.load().position()).isEqualTo(1);
        assertThat(tables.load().sequences()).containsExactly(new SequenceState("p", "t", 1));
        committedMax = 2;
        hub.checkpoint(0);
        assertThat(tables.load().sequences()).containsExactly(new SequenceState("p", "t", 2));
    }

    @Test
    void aPurgeLeavesWhatTheLastDurableCheckpointDoesNotKnow() {
        open();
        for (int i = 0; i < 4; i++) {
            put();
        }
        hub.checkpoint(0);
        for (int i = 0; i < 6; i++) {
            put();
        }
        snapshots.failing = true;
        assertThatThrownBy(() -> hub.checkpoint(0)).isInstanceOf(IllegalStateException.class);
        hub.purge(0);
        assertThat(log.first()).isEqualTo(5);

        snapshots.failing = false;
        start();
        assertThat(put(7))
                .as("a batch that comes again after a kill")
                .containsExactly(new Command.Ack(1, 2, List.of(new TopicSequence("t", 10))));
        assertThat(log.end()).isEqualTo(10);
        hub.checkpoint(0);
        hub.purge(0);
        assertThat(log.first()).isEqualTo(9);
    }

    @Test
    void aStartThatFollowsNoCleanCloseBeginsALogEpoch() {
        open();
        put();
        hub.stop(0);
        start();
        assertThat(log.epoch()).as("closed in order").isEqualTo(1);
        start();
        assertThat(log.epoch()).as("killed").isEqualTo(2);
    }

    private Command.Attached attach(int logEpoch, long cursor) {
        hub.receive(SUBSCRIBER, new Command.Attach("s", ++instance, 0, logEpoch, cursor, 1 << 20), 0);
        hub.requestsKept();
        return (Command.Attached) fed().get(0);
    }

    @Test
    void whatTheLogHasLostIsToldToWhoHadNotGotItAndOnce() {
        open();
        subscribe(attach(0, 0).session(), StartFrom.OLDEST);
        for (int i = 0; i < 5; i++) {
            put();
        }
        hub.checkpoint(0);
        log.cutTo(2);
        start();

        Command.Attached behind = attach(1, 1);
        assertThat(behind)
                .extracting(Command.Attached::cursor, Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(1L, 3L, 5L);
        assertThat(behind.cause()).isEqualTo(Cause.CUT);
        assertThat(attach(behind.logEpoch(), 1))
                .as("it has been told")
                .extracting(Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(0L, 0L);
        assertThat(attach(1, 4))
                .as("it had got the third and the fourth")
                .extracting(Command.Attached::cursor, Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(2L, 5L, 5L);
        start();
        assertThat(attach(1, 2))
                .as("after another start")
                .extracting(Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(3L, 5L);
    }

    @Test
    void aHubThatLostItsDatabaseKeepsItsLogAndTrustsItsSubscribers() {
        open();
        subscribe(attach(0, 0).session(), StartFrom.OLDEST);
        for (int i = 0; i < 6; i++) {
            put();
        }
        hub.checkpoint(0);
        snapshots.tables = new MemorySnapshots();
        start();

        hub.checkpoint(0);
        hub.purge(0);
        assertThat(log.first()).as("nobody knows who still needs the log").isEqualTo(1);
        assertThat(put(6)).as("a batch that comes again").hasSize(1);
        assertThat(log.end()).isEqualTo(6);
        Command.Welcome welcome =
                (Command.Welcome) ask(new Command.Hello("p", 8)).get(0);
        assertThat(welcome.epoch()).as("above all that were ever granted").isGreaterThan(1L << 32);
        assertThat(attach(1, 3))
                .extracting(Command.Attached::cursor, Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(3L, 0L, 0L);
        start();
        hub.purge(0);
        assertThat(log.first()).as("also after another start").isEqualTo(1);
    }

    @Test
    void aLogEpochThatNoLogCanHaveToldIsRefusedAndSaysWhatToDo() {
        hub.receive(SUBSCRIBER, new Command.Attach("s", 9, 0, Integer.MAX_VALUE, 5, 1 << 20), 5);
        hub.requestsKept();
        assertThat(fed()).singleElement().isInstanceOfSatisfying(Command.Error.class, error -> {
            assertThat(error.reason()).isEqualTo(Code.UNAVAILABLE);
            assertThat(error.text()).contains("an older log was put back", "move the data folder");
        });
        assertThat(hub.strangers(5)).singleElement().asString().startsWith("s has a cursor of log epoch 2147483647");
        assertThat(hub.strangers(6)).as("it has not asked since").isEmpty();
        attach(0, 0);
        assertThat(hub.strangers(0)).isEmpty();
        assertThat(log.epoch()).isEqualTo(1);
    }

    @Test
    void aPeerThatMakesUpLogEpochsDoesNotUseThemUp() {
        for (int i = 1; i <= 20; i++) {
            hub.receive(SUBSCRIBER, new Command.Attach("s", ++instance, 0, i * 10_000, 5, 1 << 20), 0);
        }
        hub.requestsKept();
        assertThat(log.epoch()).isLessThan(10);
        assertThat(hub.strangers(0)).hasSize(1);
    }

    @Test
    void aLogOfAnotherDatabaseIsRefused() {
        open();
        put();
        tables.apply(List.of(new ControlRecord.LogNamed(2)));
        assertThatThrownBy(this::start).hasMessageContaining("belongs to another database");
    }

    @Test
    void aCursorThatCannotBeRewoundAnyMoreIsAnErrorAndNotAFailure() {
        open();
        put();
        put();
        hub.receive(SUBSCRIBER, new Command.Attach("s", 9, Integer.MAX_VALUE - 2, 1, 2, 1 << 20), 0);
        hub.requestsKept();
        int session = ((Command.Attached) fed().get(0)).session();
        for (String topic : List.of("a", "t", "u")) {
            hub.receive(
                    SUBSCRIBER, new Command.Subscribe(session, 1, 2, PatternKind.TOPIC, StartFrom.OLDEST, 0, topic), 0);
            hub.requestsKept();
            for (Command said : fed()) {
                if (said instanceof Command.Subscribed subscribed) {
                    session = subscribed.session();
                }
            }
        }
        assertThat(hub.figures().subscribers().get(0).generation()).isLessThan(Integer.MAX_VALUE);
    }

    @Test
    void aHubThatIsNotActiveAnswersThatAndLogsNothing() {
        open();
        put();
        assertThat(hub.retire()).isTrue();
        assertThat(reason(put())).isEqualTo(Code.NOT_ACTIVE);
        assertThat(reason(ask(new Command.Hello("p", 8)))).isEqualTo(Code.NOT_ACTIVE);
        hub.receive(SUBSCRIBER, new Command.Attach("s", 9, 0, 0, 0, 1 << 20), 0);
        hub.requestsKept();
        assertThat(fed())
                .singleElement()
                .isInstanceOfSatisfying(
                        Command.Error.class, error -> assertThat(error.reason()).isEqualTo(Code.NOT_ACTIVE));
        assertThat(hub.refuses("t", 1, new TopicBytes(), 0)).isEqualTo(Code.NOT_ACTIVE);
        assertThat(log.end()).isEqualTo(1);
        assertThat(tables.load().subscribers()).isEmpty();
    }

    private static Code reason(List<Command> said) {
        assertThat(said).hasSize(1);
        return ((Command.Refuse) said.get(0)).reason();
    }

    @Test
    void aLifeEndsWhenWhatIsUnderWayToTheLogHasEnded() {
        open();
        BatchBuilder batch = new BatchBuilder("p", "t", 1, 1);
        batch.append(new byte[] {1});
        IntakeRound round = new IntakeRound();
        round.batch(PUBLISHER, batch.build());
        hub.admit(round, 0);
        assertThat(hub.retire()).isFalse();
        hub.appended(round, log.append(round.admitted()), 0);
        assertThat(hub.retire()).isTrue();
        assertThat(hub.acknowledgements()).hasSize(1);
    }

    @Test
    void whatCannotBeKeptIsNotAnsweredAndKeptWithTheNextRequest() {
        snapshots.failing = true;
        assertThat(ask(new Command.Hello("p", 7)))
                .singleElement()
                .isInstanceOfSatisfying(
                        Command.Refuse.class,
                        refuse -> assertThat(refuse.reason()).isEqualTo(Code.UNAVAILABLE));
        hub.receive(SUBSCRIBER, new Command.Attach("s", 9, 0, 0, 0, 1 << 20), 0);
        assertThatThrownBy(hub::requestsKept).isInstanceOf(IllegalStateException.class);
        assertThat(fed()).isEmpty();

        snapshots.failing = false;
        assertThat(ask(new Command.Hello("p", 7)))
                .containsExactly(new Command.Welcome(
                        7,
                        1,
                        1,
                        HubLimits.defaults().messageBytesMax(),
                        HubLimits.defaults().batchBytesMax()));
        assertThat(tables.load().grants()).containsExactly(new GrantState("p", 7, 1));
        attach();
        assertThat(tables.load().subscribers()).hasSize(1);
    }

    @Test
    void theRequestsOfARoundAreKeptInOneWrite() {
        IntakeRound round = new IntakeRound();
        for (int i = 0; i < 50; i++) {
            round.request(PUBLISHER, new Command.Hello("p" + i, i));
        }
        int before = snapshots.writes;
        assertThat(round(round)).hasSize(50);
        assertThat(snapshots.writes - before).isEqualTo(1);
    }

    @Test
    void aRoundThatCouldNotBeAppendedIsAsIfItHadNotCome() {
        open();
        BatchBuilder batch = new BatchBuilder("p", "t", 1, 1);
        batch.append(new byte[] {1});
        IntakeRound round = new IntakeRound();
        round.batch(PUBLISHER, batch.build());
        hub.admit(round, 0);
        hub.failed(round, "the disk is full");
        assertThat(round.refusals())
                .singleElement()
                .extracting(IntakeRound.Refusal::command)
                .isEqualTo(new Command.Refuse(1, "t", 1, 1, Code.UNAVAILABLE, "the disk is full"));
        assertThat(put(1)).containsExactly(ack(1));
    }

    /** Tables that can be made to fail. */
    private static final class Failing implements HubSnapshots {
        private HubSnapshots tables;
        private boolean failing;
        private int writes;

        private Failing(HubSnapshots tables) {
            this.tables = tables;
        }

        private void write() {
            writes++;
            if (failing) {
                throw new IllegalStateException("the database does not answer");
            }
        }

        @Override
        public HubState load() {
            return tables.load();
        }

        @Override
        public void apply(List<ControlRecord> records) {
            write();
            tables.apply(records);
        }

        @Override
        public void clear() {
            write();
            tables.clear();
        }

        @Override
        public void checkpoint(Checkpoint checkpoint) {
            write();
            tables.checkpoint(checkpoint);
        }

        @Override
        public void touchPublishers(Map<String, Long> lastSeenMs) {
            tables.touchPublishers(lastSeenMs);
        }
    }
}
