package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.journal.log.Entry;
import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.TopicSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which epochs a hub takes that was restored: those of the lives that are lost, and never an older one after a newer. */
class HubIntakeTest {
    private static final long FORMER = 1_000;

    private final List<String> kept = new ArrayList<>();
    private final Registry registry = new Registry();
    private final HubIntake intake = new HubIntake(
            registry,
            new Log(),
            new HubLimits(1 << 16, 1 << 16, 2, 3, 5, 100, 100, 1 << 20),
            (topic, bytes, now) -> null);

    private static Command.Open open(long epoch, long accepted) {
        return new Command.Open("p", epoch, List.of(new TopicSequence("t", accepted)));
    }

    private static Batch batch(long epoch, long sequence) {
        return batch("p", "t", epoch, sequence);
    }

    private static Batch batch(String publisher, String topic, long epoch, long sequence) {
        BatchBuilder builder = new BatchBuilder(publisher, topic, epoch, sequence);
        builder.append(new byte[10]);
        return builder.build();
    }

    private static void assertRefused(Command answer, Code code) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Command.Refuse.class,
                        refuse -> assertThat(refuse.reason()).isEqualTo(code));
    }

    private void assertRefused(Batch batch, Code code) {
        assertThat(intake.admit(batch, 1))
                .isInstanceOfSatisfying(Admission.Refused.class, refused -> assertRefused(refused.answer(), code));
    }

    @Test
    void aPublisherGoesOnUnderAnEpochOfALifeThatIsLost() {
        intake.restoredAbove(FORMER);
        intake.restorePublisher("p", 5, 5, 0);
        intake.restoreSequence("p", "t", 100);
        assertThat(intake.ping(new Command.Ping("p", 7), 1)).isNull();
        assertRefused(batch(7, 151), Code.UNKNOWN_PUBLISHER);

        assertThat(intake.open(open(7, 150), 1)).isEqualTo(new Command.Opened(7, List.of(new TopicSequence("t", 150))));

        assertThat(kept).containsExactly("open p 7", "lost p t 101 to 150");
        assertThat(intake.admit(batch(7, 151), 1)).isInstanceOf(Admission.Append.class);
    }

    @Test
    void topicsWithDataReachTheirBounds() {
        intake.restorePublisher("p", 1, 1, 0);
        intake.restorePublisher("q", 2, 2, 0);
        intake.open(new Command.Open("q", 2, topics("x", "y", "z", "more than a publisher may have")), 1);
        assertRefused("q", 2, "more than a publisher may have", "bactrian.hub.topics.max");
        for (String topic : List.of("x", "y", "z")) {
            intake.restoreSequence("q", topic, 1);
        }
        intake.restoreSequence("p", "a", 1);
        intake.restoreSequence("p", "t", 1);
        intake.open(new Command.Open("p", 1, topics("more than all may have")), 1);
        assertRefused("p", 1, "more than all may have", "bactrian.hub.sequences.max");

        intake.forget("q");
        intake.open(new Command.Open("p", 1, topics("more than all may have")), 1);
        assertThat(intake.admit(batch("p", "more than all may have", 1, 1), 1)).isInstanceOf(Admission.Append.class);
    }

    @Test
    void topicsThatAreOpenedWithoutDataGiveWay() {
        intake.restorePublisher("p", 1, 1, 0);
        intake.restorePublisher("q", 2, 2, 0);
        intake.open(new Command.Open("q", 2, topics("x", "y", "z")), 1);
        intake.open(new Command.Open("p", 1, topics("a", "t", "u")), 1);

        assertThat(intake.admit(batch("p", "u", 1, 1), 1)).isInstanceOf(Admission.Append.class);
        assertThat(intake.admit(batch("q", "x", 2, 1), 1))
                .as("it is opened again when it is needed")
                .isInstanceOfSatisfying(
                        Admission.Refused.class, refused -> assertRefused(refused.answer(), Code.UNKNOWN_PUBLISHER));
        intake.open(new Command.Open("q", 2, topics("x")), 1);
        assertThat(intake.admit(batch("q", "x", 2, 1), 1)).isInstanceOf(Admission.Append.class);
    }

    @Test
    void publishersThatHaveNeverPutAnythingGiveWay() {
        intake.restorePublisher("p", 1, 1, 0);
        intake.restoreSequence("p", "t", 1);
        for (int i = 0; i < 100; i++) {
            assertThat(intake.hello(new Command.Hello("flood" + i, i), 1)).isInstanceOf(Command.Welcome.class);
        }
        assertThat(intake.hello(new Command.Hello("honest", 1), 1)).isInstanceOf(Command.Welcome.class);
        assertThat(intake.publishers()).as("a hub may know two").containsExactlyInAnyOrder("p", "honest");
    }

    private static List<TopicSequence> topics(String... names) {
        return Stream.of(names).map(name -> new TopicSequence(name, 0)).toList();
    }

    private void assertRefused(String publisher, long epoch, String topic, String key) {
        assertThat(intake.admit(batch(publisher, topic, epoch, 1), 1))
                .isInstanceOfSatisfying(Admission.Refused.class, refused -> {
                    assertRefused(refused.answer(), Code.TOO_MANY_TOPICS);
                    assertThat(refused.answer().text()).contains(key);
                });
    }

    @Test
    void aPublisherThatTheBackupDoesNotKnowGoesOnToo() {
        intake.restoredAbove(FORMER);
        assertThat(intake.ping(new Command.Ping("p", 7), 1)).isNull();
        assertRefused(batch(7, 3), Code.UNKNOWN_PUBLISHER);

        assertThat(intake.open(open(7, 2), 1)).isEqualTo(new Command.Opened(7, List.of(new TopicSequence("t", 2))));

        assertThat(intake.admit(batch(7, 3), 1)).isInstanceOf(Admission.Append.class);
        intake.appended(batch(7, 3));
        intake.open(new Command.Open("q", 8, List.of()), 1);
        intake.restoreSequence("q", "t", 1);
        assertRefused(intake.open(new Command.Open("r", 9, List.of()), 1), Code.TOO_MANY_PUBLISHERS);
    }

    @Test
    void aNewerEpochBeatsAnOlderOneAlsoAmongThoseOfLostLives() {
        intake.restoredAbove(FORMER);
        intake.open(open(7, 0), 1);
        intake.open(open(9, 0), 1);
        assertRefused(batch(7, 1), Code.STALE_EPOCH);
        assertRefused(intake.open(open(8, 0), 1), Code.STALE_EPOCH);

        long granted = ((Command.Welcome) intake.hello(new Command.Hello("p", 3), 1)).epoch();
        assertThat(granted).isGreaterThan(FORMER);
        assertThat(intake.open(open(10, 0), 1)).isInstanceOf(Command.Opened.class);
        assertThat(intake.open(open(granted, 0), 1)).isInstanceOf(Command.Opened.class);
        assertRefused(intake.open(open(FORMER, 0), 1), Code.STALE_EPOCH);
        assertRefused(batch(10, 1), Code.STALE_EPOCH);
        assertThat(kept).containsExactly("open p 7", "open p 9", "open p 10", "open p " + granted);
    }

    @Test
    void whatNoLifeCanHaveGrantedIsUnknown() {
        intake.restoredAbove(FORMER);
        assertRefused(intake.open(open(FORMER + 1, 0), 1), Code.UNKNOWN_PUBLISHER);
        assertRefused(batch(0, 1), Code.UNKNOWN_PUBLISHER);
        assertThat(kept).isEmpty();
    }

    @Test
    void aHubThatWasNeverRestoredTakesOnlyWhatItHasGranted() {
        assertRefused(intake.open(open(7, 0), 1), Code.UNKNOWN_PUBLISHER);
        intake.restorePublisher("p", 5, 5, 0);
        assertRefused(intake.open(open(7, 0), 1), Code.UNKNOWN_PUBLISHER);
        assertThat(intake.ping(new Command.Ping("p", 7), 1)).isNotNull();
        assertThat(intake.open(open(5, 0), 1)).isInstanceOf(Command.Opened.class);
        assertThat(kept).isEmpty();
    }

    private final class Registry implements HubRegistry {
        private long last = FORMER;

        @Override
        public void damaged(String subscriber, long from, long to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long grant(String publisher, long instance) {
            return ++last;
        }

        @Override
        public void open(String publisher, long epoch) {
            kept.add("open " + publisher + " " + epoch);
        }

        @Override
        public void lostMore(String publisher, int topics) {
            throw new AssertionError();
        }

        @Override
        public void forgetPublisher(String publisher) {
            kept.add("forget " + publisher);
        }

        @Override
        public void lost(String publisher, String topic, long fromSequence, long toSequence) {
            kept.add("lost " + publisher + " " + topic + " " + fromSequence + " to " + toSequence);
        }

        @Override
        public void save(DurableSubscriber subscriber) {
            throw new AssertionError();
        }

        @Override
        public void passedOver(List<DurableSubscriber> subscribers) {
            throw new AssertionError();
        }

        @Override
        public void forget(String subscriber) {
            throw new AssertionError();
        }
    }

    private static final class Log implements LogReader {
        @Override
        public int epoch() {
            return 1;
        }

        @Override
        public long endOfEpoch(int epoch) {
            return 0;
        }

        @Override
        public long first() {
            return 1;
        }

        @Override
        public long end() {
            return 0;
        }

        @Override
        public List<Entry> read(long position, int bytesMax) {
            return List.of();
        }
    }
}
