package io.bactrian.pubsub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
        assertThat(store.load())
                .isEqualTo(new HubState(0, 0, 0, List.of(), 0, List.of(), List.of(), List.of(), List.of()));
        assertThat(store.events(10)).isEmpty();
    }

    @Test
    void everyInstanceGetsAnEpochThatNobodyWasGrantedBefore() {
        assertThat(store.grant("a", 7, NOW_MS)).isEqualTo(1);
        assertThat(store.grant("b", 7, NOW_MS)).isEqualTo(2);
        assertThat(store.grant("a", 8, NOW_MS)).isEqualTo(3);
        store.forgetPublisher("a");
        assertThat(store.grant("a", 8, NOW_MS)).isEqualTo(4);
        assertThat(reopened().grant("c", 1, NOW_MS)).isEqualTo(5);
    }

    @Test
    void aRepeatedHelloGetsTheSameAnswer() {
        long first = store.grant("a", 7, NOW_MS);
        long second = store.grant("a", 8, NOW_MS);
        assertThat(store.grant("a", 7, NOW_MS + 1)).isEqualTo(first);
        assertThat(reopened().grant("a", 8, NOW_MS + 1)).isEqualTo(second);
    }

    @Test
    void onlyTheLastGrantsAreRemembered() {
        long first = store.grant("a", 0, NOW_MS);
        for (int instance = 1; instance < PublisherTables.GRANTS_KEPT; instance++) {
            store.grant("a", instance, NOW_MS);
        }
        assertThat(store.grant("a", 0, NOW_MS)).isEqualTo(first);
        long next = store.grant("a", 99, NOW_MS);
        assertThat(store.grant("a", 0, NOW_MS)).isEqualTo(next + 1);
    }

    @Test
    void concurrentHellosNeverGetTheSameEpoch() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Long>> hellos = IntStream.range(0, 40)
                    .mapToObj(n -> (Callable<Long>) () -> store.grant("p" + n % 4, n, NOW_MS))
                    .toList();
            List<Long> epochs = new ArrayList<>();
            for (Future<Long> epoch : threads.invokeAll(hellos)) {
                epochs.add(epoch.get());
            }
            assertThat(epochs).doesNotHaveDuplicates().hasSize(40);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aHigherEpochInForceFencesALowerOne() {
        long low = store.grant("a", 1, NOW_MS);
        long high = store.grant("a", 2, NOW_MS);
        assertThat(store.open("a", low, NOW_MS)).isTrue();
        assertThat(store.open("a", high, NOW_MS + 5)).isTrue();
        assertThat(store.open("a", low, NOW_MS)).isFalse();
        assertThat(store.open("a", high, NOW_MS + 5)).isTrue();
        assertThat(reopened().load().publishers())
                .containsExactly(new PublisherState("a", high, high, NOW_MS, NOW_MS + 5));
    }

    @Test
    void anEpochThatWasNotGrantedIsNotOpened() {
        long epoch = store.grant("a", 1, NOW_MS);
        assertThat(store.open("a", epoch + 1, NOW_MS)).isFalse();
        assertThat(store.open("stranger", epoch, NOW_MS)).isFalse();
    }

    @Test
    void anEpochOfALifeThatIsLostIsAdoptedUnlessANewerOneIsInForce() {
        store.open("a", store.grant("a", 1, NOW_MS), NOW_MS);
        for (int logEpoch : new int[] {17, 33}) {
            store.restore(exported(), logEpoch, HubEvent.publisherLost(NOW_MS, "a", "t", 1, 2, "restored"));
            assertThat(store.load().formerEpochs()).isEqualTo((long) logEpoch << 32);
        }
        long granted = store.grant("a", 2, NOW_MS);
        assertThat(granted).isEqualTo((33L << 32) + 1);

        assertThat(store.adopt("a", 7, NOW_MS + 1)).isTrue();
        assertThat(store.adopt("a", 6, NOW_MS + 1)).isFalse();
        assertThat(store.adopt("young", 8, NOW_MS + 1)).isTrue();
        store = reopened();
        assertThat(store.load().publishers())
                .containsExactly(
                        new PublisherState("a", granted, 7, NOW_MS, NOW_MS + 1),
                        new PublisherState("young", 8, 8, NOW_MS + 1, NOW_MS + 1));
        assertThat(store.open("a", granted, NOW_MS + 2)).isTrue();
        assertThat(store.adopt("a", 9, NOW_MS + 2)).isFalse();
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
        store.grant("a", 1, NOW_MS);
        store.touchPublishers(Map.of("a", NOW_MS + 100, "stranger", NOW_MS));
        store.touchPublishers(Map.of("a", NOW_MS + 50));
        assertThat(store.load().publishers())
                .extracting(PublisherState::lastSeenMs)
                .containsExactly(NOW_MS + 100);
    }

    @Test
    void aCheckpointIsReadBackWhole() {
        store.grant("a", 1, NOW_MS);
        store.saveSubscriber(subscriber("s", 0, 10), List.of());
        store.checkpoint(new Checkpoint(
                NOW_MS,
                1,
                500,
                1,
                List.of(new SequenceState("a", "t", 40), new SequenceState("a", "u", 2)),
                List.of(new SubscriberProgress("s", 0, 1, 420, 0, NOW_MS + 9)),
                List.of(new SegmentTopic(1, "t", 4000, 40, NOW_MS), new SegmentTopic(300, "u", 10, 2, NOW_MS))));
        store.checkpoint(new Checkpoint(
                NOW_MS + 1, 1, 600, 300, List.of(new SequenceState("a", "t", 41)), List.of(), List.of()));

        HubState state = reopened().load();

        assertThat(state.logEpoch()).isEqualTo(1);
        assertThat(state.position()).isEqualTo(600);
        assertThat(state.savedMs()).isEqualTo(NOW_MS + 1);
        assertThat(state.sequences()).containsExactly(new SequenceState("a", "t", 41), new SequenceState("a", "u", 2));
        assertThat(state.subscribers()).containsExactly(new SubscriberState("s", 0, 1, 420, 0, 7, NOW_MS + 9));
        assertThat(state.segments()).containsExactly(new SegmentTopic(300, "u", 10, 2, NOW_MS));
    }

    @Test
    void aCheckpointBringsNobodyBackWhoWasForgotten() {
        store.grant("a", 1, NOW_MS);
        store.forgetPublisher("a");
        store.saveSubscriber(subscriber("s", 0, 10), List.of());
        store.forgetSubscriber("s");
        store.checkpoint(new Checkpoint(
                NOW_MS,
                1,
                5,
                1,
                List.of(new SequenceState("a", "t", 5)),
                List.of(new SubscriberProgress("s", 0, 1, 5, 0, NOW_MS)),
                List.of()));
        HubState state = store.load();
        assertThat(state.position()).isEqualTo(5);
        assertThat(state.sequences()).isEmpty();
        assertThat(state.subscribers()).isEmpty();
    }

    @Test
    void aForgottenPublisherTakesItsSequencesAlong() {
        store.grant("a", 1, NOW_MS);
        store.checkpoint(
                new Checkpoint(NOW_MS, 1, 5, 1, List.of(new SequenceState("a", "t", 5)), List.of(), List.of()));
        assertThat(store.load().sequences()).hasSize(1);
        store.forgetPublisher("a");
        assertThat(store.load().sequences()).isEmpty();
        assertThat(store.load().publishers()).isEmpty();
    }

    @Test
    void aRewindIsSavedWithWhatTheOtherPatternsHadDone() {
        SubscriptionState old = topic("s", 1, 0);
        store.saveSubscriber(subscriber("s", 0, 100), List.of(old));

        SubscriptionState done = topic("s", 1, 100);
        SubscriptionState added = new SubscriptionState("s", SubscriptionState.Kind.PREFIX, "", 51, 0, false);
        store.saveSubscriber(subscriber("s", 1, 50), List.of(done, added));

        HubState state = reopened().load();
        assertThat(state.subscribers()).containsExactly(subscriber("s", 1, 50));
        assertThat(state.subscriptions()).containsExactly(done, added);
    }

    @Test
    void whatWasPassedOverIsKeptUntilARewind() {
        store.saveSubscriber(subscriber("s", 0, 100), List.of());
        store.saveProgress(List.of(
                new SubscriberProgress("s", 0, 1, 110, 400, NOW_MS),
                new SubscriberProgress("t", 0, 1, 1, 400, NOW_MS)));
        assertThat(store.load().subscribers()).containsExactly(new SubscriberState("s", 0, 1, 110, 400, 7, NOW_MS));
        store.saveSubscriber(subscriber("s", 1, 50), List.of());
        store.saveProgress(List.of(new SubscriberProgress("s", 0, 1, 120, 500, NOW_MS)));
        assertThat(store.load().subscribers()).containsExactly(subscriber("s", 1, 50));
    }

    @Test
    void aCheckpointUnderWayDoesNotUndoARewind() {
        store.saveSubscriber(subscriber("s", 0, 100), List.of());
        store.saveSubscriber(subscriber("s", 1, 50), List.of());
        store.checkpoint(new Checkpoint(
                NOW_MS, 1, 120, 1, List.of(), List.of(new SubscriberProgress("s", 0, 1, 120, 0, NOW_MS)), List.of()));
        assertThat(store.load().subscribers()).containsExactly(subscriber("s", 1, 50));
    }

    @Test
    void patternsThatAreNotGivenAreGoneAndAnEndedOneMayStandBesideALivingOne() {
        SubscriptionState ended = new SubscriptionState("s", SubscriptionState.Kind.TOPIC, "t", 1, 90, true);
        SubscriptionState living = topic("s", 91, 0);
        store.saveSubscriber(subscriber("s", 0, 0), List.of(ended, living));
        assertThat(store.load().subscriptions()).containsExactly(ended, living);
        store.saveSubscriber(subscriber("s", 0, 0), List.of(living));
        assertThat(store.load().subscriptions()).containsExactly(living);
        store.forgetSubscriber("s");
        assertThat(store.load().subscriptions()).isEmpty();
        assertThat(store.load().subscribers()).isEmpty();
    }

    @Test
    void aPatternOfAnotherSubscriberIsRefused() {
        SubscriptionState foreign = topic("x", 1, 0);
        assertThatThrownBy(() -> store.saveSubscriber(subscriber("s", 0, 0), List.of(foreign)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(store.load().subscribers()).isEmpty();
    }

    @Test
    void theNewestEventsComeFirstAndTheOldestAreDropped() {
        for (int n = 1; n <= EventTable.EVENTS_KEPT + 5; n++) {
            store.record(HubEvent.publisherLost(NOW_MS + n, "p", "t", n, n, "restored"));
        }
        assertThat(store.events(2))
                .extracting(HubEvent::from)
                .containsExactly((long) EventTable.EVENTS_KEPT + 5, (long) EventTable.EVENTS_KEPT + 4);
        assertThat(store.events(Integer.MAX_VALUE)).hasSizeBetween(1, EventTable.EVENTS_KEPT);
    }

    @Test
    void namesThatADatabaseCannotHoldAreRefused() {
        assertThatThrownBy(() -> store.grant("a\0b", 1, NOW_MS)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.grant("", 1, NOW_MS)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.grant("x".repeat(256), 1, NOW_MS)).isInstanceOf(IllegalArgumentException.class);
        assertThat(store.grant("Zürich \uD83D\uDC2A '; drop table", 1, NOW_MS)).isPositive();
    }

    private HubStore reopened() {
        return HubStore.open(dataSource());
    }

    private static SubscriptionState topic(String subscriber, long start, long doneTo) {
        return new SubscriptionState(subscriber, SubscriptionState.Kind.TOPIC, "t", start, doneTo, false);
    }

    private static SubscriberState subscriber(String id, long generation, long cursor) {
        return new SubscriberState(id, generation, 1, cursor, 0, 7, NOW_MS);
    }
}
