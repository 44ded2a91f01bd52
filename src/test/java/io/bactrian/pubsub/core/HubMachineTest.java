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
                PeerCommand message = hub.deliver(delivery, 0);
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
        long before = log.end();
        committedMax = before + 1;
        assertThat(put()).containsExactly(ack(1));
        assertThat(put()).isEmpty();
        assertThat(put()).isEmpty();
        committedMax = before + 2;
        assertThat(hub.acknowledgements())
                .as("the acknowledgement of the second names the second, though the third is logged")
                .extracting(PeerCommand::command)
                .containsExactly(ack(2));
        assertThat(put(3)).as("a batch that comes again").isEmpty();
        committedMax = before + 3;
        assertThat(hub.acknowledgements()).extracting(PeerCommand::command).containsExactly(ack(3), ack(3));
    }

    @Test
    void whatAHubSaysAsLoggedAtAnOpenIsCommitted() {
        open();
        committedMax = log.end();
        put();
        Command again = new Command.Open("p", 1, List.of(new TopicSequence("t", 0)));
        assertThat(ask(again)).isEmpty();
        committedMax = log.end();
        assertThat(hub.acknowledgements())
                .extracting(PeerCommand::command)
                .containsExactly(ack(1), new Command.Opened(1, List.of(new TopicSequence("t", 1))));
    }

    @Test
    void nothingIsDeliveredOrPublishedThatIsNotCommitted() {
        open();
        subscribe(attach(), StartFrom.OLDEST);
        int session = ((Command.Subscribed) fed().get(0)).session();
        long before = log.end();
        committedMax = before;
        put();
        assertThat(fed()).isEmpty();
        assertThat(hub.publications()).isEmpty();
        committedMax = before + 1;
        assertThat(fed()).containsExactly(new Command.Deliver(session, 1, 0, before + 1));
        assertThat(hub.publications()).hasSize(1);
        put();
        assertThat(hub.publications())
                .as("it does not overtake what had to wait")
                .isEmpty();
        committedMax = before + 2;
        assertThat(hub.publications()).hasSize(1);
    }

    @Test
    void theEndThatASubscriberIsToldIsCommitted() {
        open();
        long end = log.end();
        hub.receive(SUBSCRIBER, new Command.Attach("s", 9, 0, 0, 0, 1 << 20), 0);
        hub.requestsKept();
        long committed = log.end();
        committedMax = committed;
        put();
        Command.Attached attached = (Command.Attached) fed().get(0);
        assertThat(attached.end()).isEqualTo(end);
        hub.receive(
                SUBSCRIBER,
                new Command.Subscribe(attached.session(), 1, 0, PatternKind.TOPIC, StartFrom.NOW, 0, "t"),
                0);
        hub.requestsKept();
        assertThat(fed()).as("the pattern itself is not committed").isEmpty();
        committedMax = Long.MAX_VALUE;
        assertThat(fed())
                .as("from the position after the committed one on")
                .containsExactly(
                        new Command.Subscribed(attached.session(), 1, 0, committed + 1, committed),
                        new Command.Deliver(attached.session(), 1, committed, committed + 1));
    }

    @Test
    void aCheckpointSaysNothingAboveTheCommittedPosition() {
        open();
        put();
        long committed = log.end();
        committedMax = committed;
        put();
        hub.checkpoint(0);
        assertThat(tables.load().position()).isEqualTo(committed);
        assertThat(tables.load().sequences()).containsExactly(new SequenceState("p", "t", 1));
        committedMax = committed + 1;
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
        long known = log.end();
        for (int i = 0; i < 6; i++) {
            put();
        }
        snapshots.failing = true;
        assertThatThrownBy(() -> hub.checkpoint(0)).isInstanceOf(IllegalStateException.class);
        hub.purge(0);
        assertThat(log.first()).as("as far as the database knows").isBetween(2L, known + 1);
        long first = log.first();

        snapshots.failing = false;
        start();
        long end = log.end();
        assertThat(put(7))
                .as("a batch that comes again after a kill")
                .containsExactly(new Command.Ack(1, 2, List.of(new TopicSequence("t", 10))));
        assertThat(log.end()).isEqualTo(end);
        hub.checkpoint(0);
        hub.purge(0);
        assertThat(log.first()).isGreaterThan(first);
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
        long before = log.end();
        for (int i = 0; i < 5; i++) {
            put();
        }
        hub.checkpoint(0);
        log.cutTo(before + 2);
        start();

        Command.Attached behind = attach(1, before + 1);
        assertThat(behind)
                .extracting(Command.Attached::cursor, Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(before + 1, before + 3, before + 5);
        assertThat(behind.cause()).isEqualTo(Cause.CUT);
        assertThat(attach(behind.logEpoch(), before + 1))
                .as("it has been told")
                .extracting(Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(0L, 0L);
        assertThat(attach(1, before + 4))
                .as("it had got the third and the fourth")
                .extracting(Command.Attached::cursor, Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(before + 2, before + 5, before + 5);
        start();
        assertThat(attach(1, before + 2))
                .as("after another start")
                .extracting(Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(before + 3, before + 5);
    }

    @Test
    void aHubThatLostItsDatabaseMakesItAnewFromItsLog() {
        open();
        subscribe(attach(0, 0).session(), StartFrom.OLDEST);
        for (int i = 0; i < 6; i++) {
            put();
        }
        hub.checkpoint(0);
        HubState before = tables.load();
        snapshots.tables = new MemorySnapshots();
        start();

        HubState after = snapshots.load();
        assertThat(after.grants()).isEqualTo(before.grants());
        assertThat(after.sequences()).isEqualTo(before.sequences());
        assertThat(after.lastEpoch()).isEqualTo(before.lastEpoch());
        assertThat(after.subscribers())
                .usingRecursiveFieldByFieldElementComparatorOnFields("id", "generation", "subscriptions")
                .isEqualTo(before.subscribers());
        long end = log.end();
        assertThat(put(6)).as("a batch that comes again").hasSize(1);
        assertThat(log.end()).isEqualTo(end);
        assertThat(((Command.Welcome) ask(new Command.Hello("p", 8)).get(0)).epoch())
                .as("none is granted twice")
                .isEqualTo(before.lastEpoch() + 1);
        assertThat(log.purgesAreHeld()).as("it is known who needs the log").isFalse();
    }

    @Test
    void aHubThatLostItsDatabaseBeginsALogEpochAboveAllAsItsLogMayBeAnOlderOne() {
        open();
        put();
        hub.stop(0);
        snapshots.tables = new MemorySnapshots();
        long nowMs = 1_800_000_000_000L;
        hub = Machines.over(log, snapshots, HubLimits.defaults(), end -> end);
        hub.start(nowMs);
        assertThat(attach(0, 0).logEpoch()).isGreaterThan(LogLife.at(nowMs));
    }

    @Test
    void whatStandsInForADatabaseServesOnlyALogThatSaysAllThatHeld() {
        open();
        put();
        snapshots.standsIn = true;
        snapshots.tables = new MemorySnapshots();
        start();
        assertThat(ask(new Command.Hello("p", 8))).singleElement().isInstanceOf(Command.Welcome.class);

        snapshots.tables = new MemorySnapshots();
        HubMachine first = Machines.over(new MemoryLog(), snapshots, HubLimits.defaults(), end -> end);
        assertThatThrownBy(() -> first.start(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("needed for this start");
    }

    private void purgeWhatWasPutAndProcessed() {
        open();
        subscribe(attach(), StartFrom.OLDEST);
        int session = ((Command.Subscribed) fed().get(0)).session();
        for (int i = 0; i < 10; i++) {
            put();
        }
        List<Command> delivered = fed();
        Command.Deliver last = (Command.Deliver) delivered.get(delivered.size() - 1);
        hub.receive(SUBSCRIBER, new Command.Acknowledge(session, last.position(), false), 0);
        hub.requestsKept();
        hub.checkpoint(0);
        hub.purge(0);
    }

    @Test
    void aDatabaseThatWasMadeAnewFromAPurgedLogHasTheWhole() {
        purgeWhatWasPutAndProcessed();
        assertThat(log.first()).as("the records of the beginning are gone").isGreaterThan(5);
        HubState before = tables.load();

        snapshots.tables = new MemorySnapshots();
        start();
        HubState after = snapshots.load();
        assertThat(after.grants()).isEqualTo(before.grants());
        assertThat(after.sequences()).isEqualTo(before.sequences());
        assertThat(after.subscribers())
                .usingRecursiveFieldByFieldElementComparatorOnFields("id", "generation", "cursor")
                .isEqualTo(before.subscribers());
    }

    @Test
    void aDatabaseThatIsOlderThanItsLogIsBroughtUpToIt() {
        hub.checkpoint(0);
        MemorySnapshots older = tables.copy();
        open();
        subscribe(attach(), StartFrom.OLDEST);
        put();
        hub.checkpoint(0);

        snapshots.tables = older;
        start();
        assertThat(hub.figures().publishers()).isEqualTo(1);
        assertThat(hub.figures().subscribers())
                .singleElement()
                .satisfies(s -> assertThat(s.subscriptions()).hasSize(1));
        long end = log.end();
        assertThat(put(1)).as("a batch that comes again").hasSize(1);
        assertThat(log.end()).isEqualTo(end);
    }

    @Test
    void aDatabaseThatLacksWhatWasPurgedIsMadeAnewAndNobodyIsTakenForAbsentByIt() {
        MemorySnapshots older = tables.copy();
        purgeWhatWasPutAndProcessed();
        assertThat(log.first()).isGreaterThan(older.load().applied().position() + 1);

        snapshots.tables = older;
        hub = Machines.over(log, snapshots, HubLimits.defaults(), end -> end);
        hub.start(Duration.ofDays(9).toMillis());
        hub.expireSubscribers(Duration.ofDays(7), Duration.ofDays(9).toMillis());
        assertThat(hub.figures().subscribers()).hasSize(1);
        assertThat(hub.figures().publishers()).isEqualTo(1);
    }

    @Test
    void aDatabaseThatKnowsALogThatWasLongerStaysAndGetsWhatTheLogSaysFromThereOn() {
        open();
        put();
        hub.checkpoint(0);
        long end = log.end();
        subscribe(attach(), StartFrom.OLDEST);
        hub.checkpoint(0);
        log.cutTo(end);
        start();
        assertThat(hub.figures().subscribers())
                .as("it was told that it is known")
                .hasSize(1);

        // Killed before the database had what it logged since.
        ask(new Command.Hello("q", 8));
        assertThat(tables.load().publishers()).hasSize(1);
        start();
        assertThat(hub.figures().publishers()).isEqualTo(2);
    }

    @Test
    void aLogOfAVersionThatLoggedNoRecordsKeepsWhatItHoldsAndTrustsItsSubscribers() {
        MemoryLog former = new MemoryLog();
        for (int sequence = 1; sequence <= 6; sequence++) {
            BatchBuilder batch = new BatchBuilder("p", "t", 1, sequence);
            batch.append(new byte[] {1});
            former.append(List.of(batch.build()));
        }
        former.opened();
        hub = Machines.over(former, snapshots, HubLimits.defaults(), end -> end);
        snapshots.tables = new MemorySnapshots();
        hub.start(0);

        hub.checkpoint(0);
        hub.purge(0);
        assertThat(former.first()).as("nobody knows who still needs the log").isEqualTo(1);
        long end = former.end();
        assertThat(((Command.Welcome) ask(new Command.Hello("p", 8)).get(0)).epoch())
                .as("above all that were ever granted")
                .isGreaterThan(1L << 32);
        assertThat(attach(1, 3))
                .extracting(Command.Attached::cursor, Command.Attached::lostFrom, Command.Attached::lostTo)
                .containsExactly(3L, 0L, 0L);
        assertThat(former.purgesAreHeld()).as("until an operator says so").isTrue();
        assertThat(end).isGreaterThan(6);
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
        long end = log.end();
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
        assertThat(log.end()).isEqualTo(end);
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
        log.full = true;
        assertThat(ask(new Command.Hello("p", 7)))
                .singleElement()
                .isInstanceOfSatisfying(
                        Command.Refuse.class,
                        refuse -> assertThat(refuse.reason()).isEqualTo(Code.UNAVAILABLE));
        hub.receive(SUBSCRIBER, new Command.Attach("s", 9, 0, 0, 0, 1 << 20), 0);
        assertThatThrownBy(hub::requestsKept).isInstanceOf(IllegalStateException.class);
        assertThat(fed()).isEmpty();

        log.full = false;
        assertThat(ask(new Command.Hello("p", 7)))
                .containsExactly(new Command.Welcome(
                        7,
                        1,
                        1,
                        HubLimits.defaults().messageBytesMax(),
                        HubLimits.defaults().batchBytesMax()));
        attach();
        start();
        assertThat(tables.load().grants()).containsExactly(new GrantState("p", 7, 1));
        assertThat(tables.load().subscribers()).hasSize(1);
    }

    @Test
    void aHubWhoseDatabaseDoesNotAnswerServesAndTellsItLater() {
        snapshots.failing = true;
        for (int i = 0; i < 11_000; i++) {
            assertThat(ask(new Command.Hello("p" + i % 100, i))).singleElement().isInstanceOf(Command.Welcome.class);
        }
        attach();
        assertThatThrownBy(() -> hub.checkpoint(0)).isInstanceOf(IllegalStateException.class);
        snapshots.failing = false;
        hub.checkpoint(0);
        assertThat(tables.load().publishers()).hasSize(100);
        assertThat(tables.load().subscribers()).hasSize(1);
        assertThat(tables.load().lastEpoch()).isEqualTo(11_000);
    }

    @Test
    void theRequestsOfARoundAreKeptInOneWrite() {
        IntakeRound round = new IntakeRound();
        for (int i = 0; i < 50; i++) {
            round.request(PUBLISHER, new Command.Hello("p" + i, i));
        }
        int before = log.size();
        assertThat(round(round)).hasSize(50);
        assertThat(log.size() - before).isEqualTo(1);
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
                .extracting(PeerCommand::command)
                .isEqualTo(new Command.Refuse(1, "t", 1, 1, Code.UNAVAILABLE, "the disk is full"));
        assertThat(put(1)).containsExactly(ack(1));
    }

    /** Tables that can be made to fail. */
    private static final class Failing implements HubSnapshots {
        private HubSnapshots tables;
        private boolean failing;
        private boolean standsIn;

        private Failing(HubSnapshots tables) {
            this.tables = tables;
        }

        private void write() {
            if (failing) {
                throw new IllegalStateException("the database does not answer");
            }
        }

        @Override
        public boolean standsIn() {
            return standsIn;
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
