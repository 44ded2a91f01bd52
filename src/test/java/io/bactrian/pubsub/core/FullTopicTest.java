package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
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

/** What a hub admits while a subscriber needs all of a topic. */
class FullTopicTest {
    private static final byte[] PEER = {1};
    private static final byte[] READER = {2};
    private static final int TOPIC_BYTES = 10_000;
    private static final int TOPICS_MAX = 3;

    private final MemoryLog log = new MemoryLog();
    private final MemorySnapshots tables = new MemorySnapshots();
    private final List<HubEvent> events = new ArrayList<>();
    private HubMachine hub;
    private int session;
    private long position;

    @BeforeEach
    void start() {
        HubLimits all = HubLimits.defaults();
        HubLimits limits = new HubLimits(
                all.messageBytesMax(),
                all.batchBytesMax(),
                all.publishersMax(),
                TOPICS_MAX,
                all.sequencesMax(),
                all.subscribersMax(),
                all.subscriptionsMax(),
                all.windowBytesMax());
        RetentionRules rules = new RetentionRules(
                new RetentionRules.Rule(Duration.ofDays(1), TOPIC_BYTES),
                Map.of(),
                Long.MAX_VALUE,
                RetentionRules.OnFull.REFUSE);
        hub = Machines.over(log, new Noting(), limits, CommitGate.ALONE, rules);
        hub.start(0);
        hub.receive(READER, new Command.Attach("reader", 9, 0, 0, 0, 1 << 20), 0);
        hub.requestsKept();
        int attached = ((Command.Attached) fed().get(0)).session();
        hub.receive(READER, new Command.Subscribe(attached, 1, 0, PatternKind.PREFIX, StartFrom.OLDEST, 0, ""), 0);
        hub.requestsKept();
        session = ((Command.Subscribed) fed().get(0)).session();
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

    private void open(String publisher, String... topics) {
        IntakeRound round = new IntakeRound();
        round.request(PEER, new Command.Hello(publisher, 7));
        for (String topic : topics) {
            round.request(PEER, new Command.Open(publisher, 1, List.of(new TopicSequence(topic, 0))));
        }
        hub.greet(round, 0);
        hub.acknowledgements();
    }

    private static Batch batch(String publisher, String topic, long sequence, int bytes) {
        BatchBuilder batch = new BatchBuilder(publisher, topic, 1, sequence);
        batch.append(new byte[bytes]);
        return batch.build();
    }

    private static IntakeRound take(Batch... batches) {
        IntakeRound round = new IntakeRound();
        for (Batch batch : batches) {
            round.batch(PEER, batch);
        }
        return round;
    }

    private void log(IntakeRound round) {
        position = log.append(round.admitted());
        hub.appended(round, position, 0);
    }

    @Test
    void whatOneTakeHasAdmittedCountsForTheRestOfIt() {
        open("p", "t");
        open("q", "t");
        IntakeRound round = take(
                batch("p", "t", 1, 4_000),
                batch("q", "t", 1, 4_000),
                batch("p", "t", 2, 4_000),
                batch("q", "t", 2, 900));
        hub.admit(round, 0);
        assertThat(round.admitted()).extracting(Batch::publisher).containsExactly("p", "q", "q");
        assertThat(round.refusals())
                .singleElement()
                .extracting(PeerCommand::command)
                .isInstanceOfSatisfying(Command.Refuse.class, refuse -> {
                    assertThat(refuse.reason()).isEqualTo(Code.TOPIC_FULL);
                    assertThat(refuse.sequence()).isEqualTo(2);
                });
    }

    @Test
    void whatATakeThatFailedHadAdmittedCountsNoMore() {
        open("p", "t");
        IntakeRound round = take(batch("p", "t", 1, 9_000));
        hub.admit(round, 0);
        hub.failed(round, "the disk is full");
        round = take(batch("p", "t", 1, 9_000));
        hub.admit(round, 0);
        assertThat(round.admitted()).hasSize(1);
        // It ends without a word: nothing of it is in the log.
        round = take(batch("p", "t", 1, 9_000));
        hub.admit(round, 0);
        assertThat(round.admitted()).hasSize(1);
        log(round);
        round = take(batch("p", "t", 2, 9_000));
        hub.admit(round, 0);
        assertThat(round.admitted()).isEmpty();
    }

    @Test
    void aTakeOfPlainMessagesCountsWhatItHasTaken() {
        TopicBytes take = new TopicBytes();
        assertThat(hub.refuses("t", 6_000, take, 0)).isNull();
        assertThat(hub.refuses("t", 6_000, take, 0)).isEqualTo(Code.TOPIC_FULL);
        assertThat(hub.refuses("u", 6_000, take, 0)).isNull();
        assertThat(hub.refuses("t", 4_000, take, 0)).isNull();
        assertThat(hub.refuses("t", 6_000, new TopicBytes(), 0))
                .as("another take")
                .isNull();
    }

    @Test
    void theTopicsOfOneTakeCountTogether() {
        TopicBytes take = new TopicBytes();
        for (int i = 1; i <= TOPICS_MAX; i++) {
            assertThat(hub.refuses("t" + i, 10, take, 0)).isNull();
            assertThat(hub.refuses("t" + i, 10, take, 0)).isNull();
        }
        assertThat(hub.refuses("one more", 10, take, 0)).isEqualTo(Code.TOO_MANY_TOPICS);
        assertThat(hub.refuses("t1", 10, take, 0)).isNull();

        open("p", "a", "b", "c");
        open("q", "d");
        IntakeRound round =
                take(batch("p", "a", 1, 1), batch("p", "b", 1, 1), batch("p", "c", 1, 1), batch("q", "d", 1, 1));
        hub.admit(round, 0);
        assertThat(round.admitted()).extracting(Batch::topic).containsExactly("a", "b", "c");
    }

    @Test
    void aTopicIsToldAsFullWhileItRefusesAndNoLonger() {
        open("p", "t");
        IntakeRound round = take(batch("p", "t", 1, 9_000));
        hub.admit(round, 0);
        log(round);
        assertThat(hub.fullTopics()).isEmpty();
        for (int i = 0; i < 3; i++) {
            round = take(batch("p", "t", 2, 5_000));
            hub.admit(round, 0);
            assertThat(round.admitted()).isEmpty();
            hub.appended(round, 0, 0);
        }
        assertThat(hub.fullTopics())
                .singleElement()
                .asString()
                .startsWith("t (")
                .contains("of 10000 octets", "subscriber reader", "position 0");
        hub.checkpoint(0);
        assertThat(events)
                .as("each range once")
                .filteredOn(event -> event.what().equals("topic-full"))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.topic()).isEqualTo("t");
                    assertThat(event.subscriber()).isEqualTo("reader");
                    assertThat(event.from()).isEqualTo(1);
                    assertThat(event.to()).isEqualTo(position);
                });

        fed();
        hub.receive(READER, new Command.Acknowledge(session, position, false), 0);
        hub.requestsKept();
        assertThat(hub.fullTopics()).isEmpty();
    }

    /** Keeps the events as well. */
    private final class Noting implements HubSnapshots {
        @Override
        public HubState load() {
            return tables.load();
        }

        @Override
        public void apply(List<ControlRecord> records) {
            tables.apply(records);
            for (ControlRecord record : records) {
                if (record instanceof ControlRecord.Noted noted) {
                    events.add(noted.event());
                }
            }
        }

        @Override
        public void clear() {
            tables.clear();
        }

        @Override
        public void checkpoint(Checkpoint checkpoint) {
            tables.checkpoint(checkpoint);
        }

        @Override
        public void touchPublishers(Map<String, Long> lastSeenMs) {
            tables.touchPublishers(lastSeenMs);
        }
    }
}
