package io.bactrian.pubsub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.core.Checkpoint;
import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.DurableSubscription;
import io.bactrian.pubsub.core.GrantState;
import io.bactrian.pubsub.core.HubEvent;
import io.bactrian.pubsub.core.HubState;
import io.bactrian.pubsub.core.LogLife;
import io.bactrian.pubsub.core.LogPosition;
import io.bactrian.pubsub.core.PublisherState;
import io.bactrian.pubsub.core.SegmentTopic;
import io.bactrian.pubsub.core.SequenceState;
import io.bactrian.wire.PatternKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the hub's tables promise, on every database. */
abstract class HubStoreContract {
    private static final long NOW_MS = 1_800_000_000_000L;

    private HubStore store;

    /** An empty database, the same for every call within one test. */
    abstract DataSource dataSource();

    @BeforeEach
    void openStore() throws Exception {
        store = HubStore.open(dataSource());
    }

    @Test
    void anEmptyDatabaseKnowsNothing() {
        assertThat(store.load()).isEqualTo(HubState.empty());
        assertThat(store.load().isEmpty()).isTrue();
        assertThat(store.events(10)).isEmpty();
    }

    private void apply(ControlRecord... records) {
        store.apply(List.of(records));
    }

    private static ControlRecord granted(String publisher, long instance, long epoch) {
        return new ControlRecord.Granted(publisher, instance, epoch, NOW_MS);
    }

    @Test
    void aGrantIsReadBackWithTheHighestEpochOfAll() {
        apply(granted("a", 7, 1), granted("b", 7, 2), granted("a", 8, 3));
        store.apply(List.of(new ControlRecord.PublisherForgotten("a")));

        HubState state = reopened().load();

        assertThat(state.lastEpoch()).isEqualTo(3);
        assertThat(state.grants()).containsExactly(new GrantState("b", 7, 2));
        assertThat(state.publishers()).containsExactly(new PublisherState("b", 2, 0, NOW_MS, NOW_MS));
    }

    @Test
    void recordsThatAreAppliedAgainChangeNothing() {
        DurableSubscription pattern = topic(1, 0);
        List<ControlRecord> records = List.of(
                granted("a", 7, 1),
                new ControlRecord.Opened("a", 1, NOW_MS),
                saved(subscriber("s", 0, 10), List.of(), List.of(pattern)),
                saved(subscriber("s", 1, 5), List.of(pattern), List.of(topic(1, 10), topic(3, 0))));
        store.apply(records);
        HubState once = store.load();
        store.apply(records);
        assertThat(store.load()).isEqualTo(once);
    }

    @Test
    void onlyTheLastGrantsAreRemembered() {
        for (int instance = 1; instance <= PublisherTables.GRANTS_KEPT + 1; instance++) {
            apply(granted("a", instance, instance));
        }
        assertThat(store.load().grants())
                .hasSize(PublisherTables.GRANTS_KEPT)
                .doesNotContain(new GrantState("a", 1, 1));
    }

    @Test
    void aHigherEpochInForceStaysAndTakesAwayTheLowerGrants() {
        apply(granted("a", 1, 1), granted("a", 2, 2));
        apply(new ControlRecord.Opened("a", 1, NOW_MS), new ControlRecord.Opened("a", 2, NOW_MS + 5));
        apply(new ControlRecord.Opened("a", 1, NOW_MS + 5));
        store = reopened();
        assertThat(store.load().publishers()).containsExactly(new PublisherState("a", 2, 2, NOW_MS, NOW_MS + 5));
        assertThat(reopened().load().grants()).containsExactly(new GrantState("a", 2, 2));
    }

    @Test
    void anEpochOfALifeThatIsLostIsInForceThoughNobodyKnowsItsPublisher() {
        apply(granted("a", 1, 1), new ControlRecord.Opened("a", 1, NOW_MS));
        for (int logEpoch : new int[] {17, 33}) {
            store.restore(exported(), logEpoch, HubEvent.publisherLost(0, "a", "t", 1, 2, "the clock is wrong"));
            assertThat(store.load().formerEpochs()).isEqualTo((long) logEpoch << 32);
            assertThat(store.load().lastEpoch()).isEqualTo((long) logEpoch << 32);
        }
        apply(new ControlRecord.Opened("a", 7, NOW_MS + 1), new ControlRecord.Opened("young", 8, NOW_MS + 1));
        assertThat(reopened().load().publishers())
                .containsExactly(
                        new PublisherState("a", 7, 7, NOW_MS, NOW_MS + 1),
                        new PublisherState("young", 8, 8, NOW_MS + 1, NOW_MS + 1));
    }

    @Test
    void aRestoreBeginsAnotherLifeOfTheLogAboveAllThatClientsCanKnow() {
        long atMs = 1_800_000_000_000L;
        apply(new ControlRecord.LogNamed(77), new ControlRecord.LogLives(77, 3, 1_000));
        int life = store.restore(exported(), 17, HubEvent.publisherLost(atMs, "a", "t", 1, 2, "restored"));
        assertThat(life).isEqualTo(LogLife.at(atMs));
        store = reopened();
        assertThat(store.load().lives()).isEqualTo(Map.of(3, 1_000, 17, life));
        assertThat(store.load().lastEpoch()).isEqualTo((long) life << 32);
        apply(new ControlRecord.LogNamed(78));
        assertThat(store.load().lives()).as("those of another log").isEmpty();
    }

    @Test
    void whatALogMayHaveDeletedIsKeptForThatLogAndNeverFalls() {
        apply(new ControlRecord.LogNamed(-7), new ControlRecord.LogPurged(-7, 100));
        apply(new ControlRecord.LogPurged(-7, 50));
        store = reopened();
        assertThat(store.load().purgedBefore()).isEqualTo(100);
        apply(new ControlRecord.LogNamed(78));
        assertThat(store.load().purgedBefore()).as("that of another log").isZero();
        apply(new ControlRecord.LogNamed(-7));
        assertThat(store.load().purgedBefore()).isEqualTo(100);
    }

    @Test
    void aDatabaseThatIsMadeAnewKnowsNothingAndKeepsWhatComes() {
        apply(granted("a", 7, 1), new ControlRecord.LogNamed(-7), new ControlRecord.LogPurged(-7, 100));
        Checkpoint checkpoint = new Checkpoint(
                NOW_MS,
                1,
                500,
                1,
                List.of(new SequenceState("a", "t", 40)),
                List.of(),
                List.of(),
                new LogPosition(1, 500));
        store.checkpoint(checkpoint);

        store.clear();
        assertThat(store.load()).isEqualTo(HubState.empty());

        apply(granted("b", 8, 9));
        store.checkpoint(checkpoint);
        store = reopened();
        assertThat(store.load().position()).isEqualTo(500);
        assertThat(store.load().lastEpoch()).isEqualTo(9);
    }

    private List<StateRows> exported() {
        Map<String, List<String>> columns = new LinkedHashMap<>();
        Map<String, List<List<@Nullable Object>>> rows = new LinkedHashMap<>();
        store.export(new StateTaker() {
            private String table = "";

            @Override
            public void table(String name, List<String> itsColumns) {
                table = name;
                columns.put(name, itsColumns);
                rows.put(name, new ArrayList<>());
            }

            @Override
            public void row(List<@Nullable Object> values) {
                Objects.requireNonNull(rows.get(table)).add(values);
            }
        });
        return columns.entrySet().stream()
                .map(entry -> new StateRows(
                        entry.getKey(),
                        entry.getValue(),
                        rows.getOrDefault(entry.getKey(), List.of()).iterator()))
                .toList();
    }

    @Test
    void publishersAreTouchedForwardOnly() {
        apply(granted("a", 1, 1));
        store.touchPublishers(Map.of("a", NOW_MS + 100, "stranger", NOW_MS));
        store.touchPublishers(Map.of("a", NOW_MS + 50));
        assertThat(store.load().publishers())
                .extracting(PublisherState::lastSeenMs)
                .containsExactly(NOW_MS + 100);
    }

    @Test
    void aCheckpointIsReadBackWhole() {
        apply(granted("a", 1, 1), saved(subscriber("s", 0, 10)));
        store.checkpoint(new Checkpoint(
                NOW_MS,
                1,
                500,
                1,
                List.of(new SequenceState("a", "t", 40), new SequenceState("a", "u", 2)),
                List.of(progress("s", 0, 420, 0, NOW_MS + 9)),
                List.of(new SegmentTopic(1, "t", 4000, 40, NOW_MS), new SegmentTopic(300, "u", 10, 2, NOW_MS)),
                new LogPosition(1, 500)));
        store.checkpoint(new Checkpoint(
                NOW_MS + 1,
                1,
                600,
                300,
                List.of(new SequenceState("a", "t", 41)),
                List.of(),
                List.of(),
                new LogPosition(1, 600)));

        HubState state = reopened().load();

        assertThat(state.logEpoch()).isEqualTo(1);
        assertThat(state.position()).isEqualTo(600);
        assertThat(state.savedMs()).isEqualTo(NOW_MS + 1);
        assertThat(state.sequences()).containsExactly(new SequenceState("a", "t", 41), new SequenceState("a", "u", 2));
        assertThat(state.subscribers())
                .containsExactly(new DurableSubscriber("s", 0, 1, 420, 0, 7, NOW_MS + 9, List.of()));
        assertThat(state.segments()).containsExactly(new SegmentTopic(300, "u", 10, 2, NOW_MS));
    }

    @Test
    void aSequenceNeverFalls() {
        apply(granted("a", 1, 1));
        store.checkpoint(new Checkpoint(
                NOW_MS, 1, 9, 1, List.of(new SequenceState("a", "t", 9)), List.of(), List.of(), new LogPosition(1, 9)));
        apply(new ControlRecord.Sequences(List.of(new SequenceState("a", "t", 5), new SequenceState("a", "u", 2))));
        assertThat(store.load().sequences())
                .as("what the log repeats of an earlier moment")
                .containsExactly(new SequenceState("a", "t", 9), new SequenceState("a", "u", 2));
    }

    @Test
    void aCheckpointBringsNobodyBackWhoWasForgotten() {
        apply(granted("a", 1, 1), saved(subscriber("s", 0, 10)));
        apply(new ControlRecord.PublisherForgotten("a"), new ControlRecord.SubscriberForgotten("s"));
        store.checkpoint(new Checkpoint(
                NOW_MS,
                1,
                5,
                1,
                List.of(new SequenceState("a", "t", 5)),
                List.of(progress("s", 0, 5, 0, NOW_MS)),
                List.of(),
                new LogPosition(1, 5)));
        HubState state = store.load();
        assertThat(state.position()).isEqualTo(5);
        assertThat(state.sequences()).isEmpty();
        assertThat(state.subscribers()).isEmpty();
    }

    @Test
    void aForgottenPublisherTakesItsSequencesAlong() {
        apply(granted("a", 1, 1));
        store.checkpoint(new Checkpoint(
                NOW_MS, 1, 5, 1, List.of(new SequenceState("a", "t", 5)), List.of(), List.of(), new LogPosition(1, 5)));
        assertThat(store.load().sequences()).hasSize(1);
        apply(new ControlRecord.PublisherForgotten("a"));
        assertThat(store.load().sequences()).isEmpty();
        assertThat(store.load().publishers()).isEmpty();
    }

    @Test
    void aRewindIsSavedWithWhatTheOtherPatternsHadDone() {
        DurableSubscription old = topic(1, 0);
        apply(saved(subscriber("s", 0, 100), List.of(), List.of(old)));

        DurableSubscription done = topic(1, 100);
        DurableSubscription added = new DurableSubscription(PatternKind.PREFIX, "", 51, 0, false);
        apply(saved(subscriber("s", 1, 50), List.of(old), List.of(done, added)));

        assertThat(reopened().load().subscribers())
                .containsExactly(new DurableSubscriber("s", 1, 1, 50, 0, 7, NOW_MS, List.of(done, added)));
    }

    @Test
    void progressOfAnotherGenerationIsNotTaken() {
        apply(saved(subscriber("s", 0, 100)), saved(subscriber("s", 1, 50)));
        store.checkpoint(new Checkpoint(
                NOW_MS,
                1,
                120,
                1,
                List.of(),
                List.of(progress("s", 0, 120, 500, NOW_MS)),
                List.of(),
                new LogPosition(1, 120)));
        assertThat(store.load().subscribers()).containsExactly(subscriber("s", 1, 50));
    }

    @Test
    void anEndedPatternMayStandBesideALivingOneAndBothGoWithTheirSubscriber() {
        DurableSubscription ended = new DurableSubscription(PatternKind.TOPIC, "t", 1, 90, true);
        DurableSubscription living = topic(91, 0);
        apply(saved(subscriber("s", 0, 0), List.of(), List.of(ended, living)));
        assertThat(patterns()).containsExactly(ended, living);
        apply(saved(subscriber("s", 0, 0), List.of(ended), List.of()));
        assertThat(patterns()).containsExactly(living);
        apply(new ControlRecord.SubscriberForgotten("s"));
        assertThat(store.load().subscribers()).isEmpty();
        apply(saved(subscriber("s", 0, 0)));
        assertThat(patterns()).isEmpty();
    }

    private List<DurableSubscription> patterns() {
        return store.load().subscribers().get(0).subscriptions();
    }

    @Test
    void theNewestEventsComeFirstAndTheOldestAreDropped() {
        for (int n = 1; n <= EventTable.EVENTS_KEPT + 5; n++) {
            apply(new ControlRecord.Noted(HubEvent.publisherLost(NOW_MS + n, "p", "t", n, n, "restored")));
        }
        assertThat(store.events(2))
                .extracting(HubEvent::from)
                .containsExactly((long) EventTable.EVENTS_KEPT + 5, (long) EventTable.EVENTS_KEPT + 4);
        assertThat(store.events(Integer.MAX_VALUE)).hasSizeBetween(1, EventTable.EVENTS_KEPT);
    }

    @Test
    void aRangeThatASubscriberLosesAndThatGrowsIsOneEvent() {
        apply(new ControlRecord.Noted(HubEvent.subscriberLost(NOW_MS, "s", 1, 10, "full")));
        apply(
                new ControlRecord.Noted(HubEvent.subscriberLost(NOW_MS, "other", 1, 5, "full")),
                new ControlRecord.Noted(HubEvent.subscriberLost(NOW_MS, "s", 1, 90, "full")),
                new ControlRecord.Noted(HubEvent.subscriberLost(NOW_MS, "s", 1, 50, "full")),
                new ControlRecord.Noted(HubEvent.subscriberLost(NOW_MS, "s", 1, 50, "damaged")),
                new ControlRecord.Noted(HubEvent.subscriberLost(NOW_MS, "s", 2, 50, "full")));
        assertThat(reopened().events(10))
                .containsExactly(
                        HubEvent.subscriberLost(NOW_MS, "s", 2, 50, "full"),
                        HubEvent.subscriberLost(NOW_MS, "s", 1, 50, "damaged"),
                        HubEvent.subscriberLost(NOW_MS, "other", 1, 5, "full"),
                        HubEvent.subscriberLost(NOW_MS, "s", 1, 90, "full"));
    }

    @Test
    void namesThatADatabaseCannotHoldAreRefusedAndNothingIsApplied() {
        for (String name : List.of("a\0b", "", "x".repeat(256))) {
            assertThatThrownBy(() -> apply(granted("good", 1, 1), granted(name, 1, 2)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(store.load().publishers()).isEmpty();
        apply(granted("Zürich \uD83D\uDC2A '; drop table", 1, 1));
        assertThat(store.load().publishers()).hasSize(1);
    }

    @Test
    void tablesTakeOverWhatOthersHoldAndKeepTheirOlderEvents(@TempDir Path folder) {
        HubEvent older = HubEvent.subscriberLost(NOW_MS - 1, "s", 1, 2, "full");
        HubEvent inBoth = HubEvent.subscriberLost(NOW_MS, "s", 3, 4, "full");
        apply(granted("gone", 1, 1), new ControlRecord.Noted(older), new ControlRecord.Noted(inBoth));
        try (HikariDataSource pool = H2Databases.open(folder)) {
            HubStore other = HubStore.open(pool);
            List<ControlRecord> records = new ArrayList<>();
            for (int i = 0; i < 1_001; i++) {
                records.add(granted("p" + i, i, i + 5));
            }
            records.add(new ControlRecord.LogNamed(42));
            records.add(saved(subscriber("s", 1, 5)));
            records.add(new ControlRecord.Noted(inBoth));
            other.apply(records);

            store.takeOver(other);

            store = reopened();
            assertThat(store.load()).isEqualTo(other.load());
        }
        assertThat(store.load().publishers()).hasSize(1_001);
        assertThat(store.logIdentity()).isEqualTo(42);
        assertThat(store.events(10)).containsExactly(inBoth, older);
        apply(new ControlRecord.Noted(HubEvent.subscriberLost(NOW_MS, "s", 5, 6, "full")));
        assertThat(store.events(10)).as("the next one has a number of its own").hasSize(3);
    }

    private HubStore reopened() {
        return HubStore.open(dataSource());
    }

    private static DurableSubscription topic(long start, long processedUpTo) {
        return new DurableSubscription(PatternKind.TOPIC, "t", start, processedUpTo, false);
    }

    private static ControlRecord saved(DurableSubscriber subscriber) {
        return saved(subscriber, List.of(), List.of());
    }

    private static ControlRecord saved(
            DurableSubscriber subscriber, List<DurableSubscription> gone, List<DurableSubscription> fresh) {
        return new ControlRecord.SubscriberSaved(subscriber, gone, fresh);
    }

    private static DurableSubscriber subscriber(String id, int generation, long cursor) {
        return new DurableSubscriber(id, generation, 1, cursor, 0, 7, NOW_MS, List.of());
    }

    private static DurableSubscriber progress(String id, int generation, long cursor, long purgedUpTo, long seenMs) {
        return new DurableSubscriber(id, generation, 1, cursor, purgedUpTo, 7, seenMs, List.of());
    }
}
