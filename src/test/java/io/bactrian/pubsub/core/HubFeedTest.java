package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.journal.log.Entry;
import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Headers;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class HubFeedTest {
    private static final byte[] PEER = {1};
    private static final byte[] OTHER = {2};

    private final Log log = new Log();
    private final List<String> damaged = new ArrayList<>();
    private final Map<String, DurableSubscriber> saved = new HashMap<>();
    private final HubFeed feed = new HubFeed(log, new Registry(), HubLimits.defaults(), 7);

    private static DurableSubscriber durable(String id, int logEpoch, long cursor, long start, long processedUpTo) {
        return new DurableSubscriber(
                id,
                0,
                logEpoch,
                cursor,
                0,
                0,
                0,
                List.of(new DurableSubscription(PatternKind.TOPIC, "t", start, processedUpTo, false)));
    }

    private void attach(byte[] peer, String id, long instance, int logEpoch, long cursor) {
        feed.receive(peer, new Command.Attach(id, instance, 0, logEpoch, cursor, 1 << 20), 0);
    }

    private List<Command> round() {
        List<Command> out = new ArrayList<>();
        feed.answers().forEach(answer -> out.add(answer.command()));
        for (Delivery delivery : feed.plan(1 << 20)) {
            PeerCommand sent = feed.deliver(delivery, 0);
            if (sent != null) {
                out.add(sent.command());
            }
        }
        feed.settle();
        return out;
    }

    @Test
    void whatWasPlannedForAFormerSessionIsNotSentInANewOne() {
        feed.subscribers().restore(durable("s", 1, 0, 1, 0));
        log.append("t", 10);
        attach(PEER, "s", 40, 1, 0);
        assertThat(round()).hasSize(2);
        log.append("t", 10);
        feed.answers();
        List<Delivery> planned = feed.plan(1 << 20);
        assertThat(planned).hasSize(1);

        attach(OTHER, "s", 41, 1, 0);

        assertThat(feed.deliver(planned.get(0), 0)).isNull();
        assertThat(round()).contains(new Command.Deliver(8, 1, 0, 1), new Command.Deliver(8, 1, 10, 11));
    }

    private List<Batch> delivered() {
        feed.answers();
        List<Batch> batches = new ArrayList<>();
        for (Delivery delivery : feed.plan(1 << 20)) {
            PeerCommand sent = feed.deliver(delivery, 0);
            batches.add(Batch.parseTrusted(sent.payload()));
        }
        feed.settle();
        return batches;
    }

    @Test
    void onlyThoseWhoAskGetHeadersAndARewindKeepsWhatWasAsked() {
        log.appendWithHeaders("t", 10);
        feed.subscribers().restore(durable("asks", 1, 0, 6, 0));
        feed.subscribers().restore(durable("old", 1, 0, 1, 0));
        feed.receive(PEER, new Command.Attach("asks", 40, 0, 1, 0, 1 << 20, true, false), 0);
        attach(OTHER, "old", 41, 1, 0);

        List<Batch> both = delivered();
        assertThat(both).extracting(Batch::hasHeaders).containsExactly(true, false);
        assertThat(both).extracting(Batch::count).containsExactly(5, 10);
        assertThat(both.get(1).records()).containsOnly(new byte[] {7});
        assertThat(both.get(0).withoutHeaders().records()).containsOnly(new byte[] {7});

        feed.receive(PEER, new Command.Subscribe(7, 1, 10, PatternKind.PREFIX, StartFrom.OLDEST, 0, ""), 0);
        assertThat(delivered()).extracting(Batch::hasHeaders).containsExactly(true);
    }

    @Test
    void whoAsksForHeadersOnlyWhenItAttachesAgainGetsThemFromThen() {
        feed.subscribers().restore(durable("s", 1, 0, 1, 0));
        log.appendWithHeaders("t", 1);
        attach(PEER, "s", 40, 1, 0);
        assertThat(delivered()).extracting(Batch::hasHeaders).containsExactly(false);
        feed.receive(PEER, new Command.Attach("s", 40, 0, 1, 0, 1 << 20, true, false), 0);
        assertThat(delivered()).extracting(Batch::hasHeaders).containsExactly(true);
    }

    private void look(byte[] peer, String id, long instance) {
        feed.receive(peer, new Command.Attach(id, instance, 0, 0, 0, 1 << 20, true, true), 0);
    }

    private void subscribe(byte[] peer, int session, StartFrom from) {
        feed.receive(peer, new Command.Subscribe(session, 1, 0, PatternKind.TOPIC, from, 0, "t"), 0);
    }

    @Test
    void anEphemeralSubscriberIsToldWhenABatchWasLoggedAndADurableOneIsNot() {
        look(PEER, "e", 40);
        attach(OTHER, "d", 41, 0, 0);
        round();
        subscribe(PEER, 7, StartFrom.NOW);
        subscribe(OTHER, 8, StartFrom.NOW);
        log.append("t", 10);
        log.loggedAt(1_000);
        assertThat(rounds(2)).contains(new Command.Deliver(7, 1, 0, 1, 1_000), new Command.Deliver(8, 1, 0, 1));
    }

    @Test
    void nothingIsRecordedOrKeptForAnEphemeralSubscriber() {
        look(PEER, "e", 40);
        round();
        subscribe(PEER, 7, StartFrom.OLDEST);
        log.append("t", 10);
        feed.receive(PEER, new Command.Unsubscribe(7, 2, PatternKind.TOPIC, "u"), 0);
        rounds(2);

        assertThat(saved).isEmpty();
        assertThat(feed.subscribers().durable()).isEmpty();
        assertThat(feed.subscribers().windows()).isEmpty();
        assertThat(feed.subscribers().ephemeral()).isEqualTo(1);
        assertThat(feed.subscribers().needs("t", 1, 10)).isFalse();
        assertThat(feed.subscribers().slowest("t")).isEmpty();
        feed.subscribers().passOver(10);
        attach(OTHER, "d", 41, 0, 0);
        round();
        subscribe(OTHER, 8, StartFrom.OLDEST);
        assertThat(saved).as("a durable one is").containsOnlyKeys("d");
        assertThat(feed.subscribers().needs("t", 1, 10)).isTrue();
    }

    @Test
    void anEphemeralSubscriberIsForgottenWhenItsSessionEndsHoweverThatIs() {
        look(PEER, "detaches", 40);
        look(PEER, "forgets", 41);
        look(PEER, "silent", 42);
        round();
        assertThat(feed.subscribers().ephemeral()).isEqualTo(3);
        feed.receive(PEER, new Command.Detach(7), 1);
        assertThat(feed.subscribers().ephemeral()).isEqualTo(2);
        feed.receive(PEER, new Command.Forget(8, 1), 1);
        assertThat(feed.subscribers().ephemeral()).isEqualTo(1);
        assertThat(feed.subscribers().endSilent(1)).containsExactly("silent");
        assertThat(feed.subscribers().ephemeral()).isZero();

        look(PEER, "not kept", 43);
        feed.notKept();
        assertThat(feed.subscribers().ephemeral()).isZero();
        look(PEER, "of another log epoch", 44);
        round();
        feed.subscribers().endAll();
        assertThat(feed.subscribers().ephemeral()).isZero();
        assertThat(saved).isEmpty();
    }

    @Test
    void whatIsDeletedBeforeAnEphemeralSubscriberHadItIsToldAsLost() {
        look(PEER, "e", 40);
        round();
        subscribe(PEER, 7, StartFrom.OLDEST);
        log.append("t", 10);
        feed.answers();
        log.deletedTo = 10;
        log.append("t", 10);
        assertThat(rounds(3)).contains(new Command.Lost(7, 1, 1, 10, Cause.EXPIRED), new Command.Deliver(7, 1, 10, 11));
    }

    @Test
    void anEphemeralSubscriberThatTheHubHasForgottenGoesOnWhereItWas() {
        log.append("t", 20);
        feed.receive(PEER, new Command.Attach("e", 40, 0, 1, 10, 1 << 20, true, true), 0);
        assertThat(round())
                .as("as a durable one that was forgotten")
                .containsExactly(new Command.Attached(40, 7, 0, 1, 10, 20, 11, 20, Cause.EXPIRED));
        feed.receive(PEER, new Command.Subscribe(7, 1, 10, PatternKind.TOPIC, StartFrom.POSITION, 11, "t"), 0);
        assertThat(rounds(2)).contains(new Command.Subscribed(8, 1, 0, 11, 10), new Command.Deliver(8, 1, 10, 11));
    }

    @Test
    void anIdIsThatOfADurableOrOfAnEphemeralSubscriber() {
        look(PEER, "s", 40);
        attach(OTHER, "s", 41, 0, 0);
        assertThat(feed.subscribers().ephemeral()).isZero();
        assertThat(saved).containsOnlyKeys("s");
        round();
        look(PEER, "s", 42);
        assertThat(round()).containsExactly(new Command.Error(0, 0, Code.MALFORMED, "subscriber s is durable"));
        assertThat(feed.subscribers().windows()).containsOnlyKeys("s");
    }

    @Test
    void aTimeIsTheFirstPositionThatWasLoggedThenOrLater() {
        long[] times = {100, 100, 200, 200, 500};
        for (long time : times) {
            log.append("t", 3);
            log.loggedAt(time);
        }
        assertThat(log.firstSince(0)).isEqualTo(1);
        assertThat(log.firstSince(100)).isEqualTo(1);
        assertThat(log.firstSince(101)).isEqualTo(7);
        assertThat(log.firstSince(200)).isEqualTo(7);
        assertThat(log.firstSince(201)).isEqualTo(13);
        assertThat(log.firstSince(500)).isEqualTo(13);
        assertThat(log.firstSince(501)).isEqualTo(16);
        log.says = position -> new LogDamagedException(position, new IllegalStateException());
        log.damaged = 7;
        assertThat(log.firstSince(201)).as("what is damaged is not passed over").isLessThanOrEqualTo(13);

        log.damaged = 0;
        attach(PEER, "s", 40, 1, 0);
        round();
        feed.receive(PEER, new Command.Subscribe(7, 1, 0, PatternKind.TOPIC, StartFrom.TIME, 201, "t"), 0);
        assertThat(round()).contains(new Command.Subscribed(8, 1, 0, 13, 12));
    }

    @Test
    void damageOfTheLogStopsOnlyThoseWhoNeedWhatIsDamaged() {
        feed.subscribers().restore(durable("behind", 1, 0, 1, 0));
        feed.subscribers().restore(durable("live", 1, 10, 1, 0));
        log.append("t", 10);
        log.damaged = 1;
        attach(PEER, "behind", 40, 1, 0);
        attach(OTHER, "live", 41, 1, 10);
        log.append("t", 10);

        assertThat(round()).contains(new Command.Deliver(8, 1, 10, 11));
    }

    private List<Command> rounds(int count) {
        List<Command> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            out.addAll(round());
        }
        out.removeIf(Command.Attached.class::isInstance);
        return out;
    }

    @Test
    void whatIsToBeDeletedAndIsStillThereIsDeliveredAndNotToldAsLost() {
        feed.subscribers().restore(durable("s", 1, 0, 1, 0));
        log.append("t", 10);
        attach(PEER, "s", 40, 1, 0);
        assertThat(rounds(2)).containsExactly(new Command.Deliver(7, 1, 0, 1));
        log.append("t", 10);
        log.toBeDeletedTo = 20;

        feed.receive(PEER, new Command.Resend(7, 0), 0);
        assertThat(rounds(2)).containsExactly(new Command.Deliver(7, 1, 0, 1), new Command.Deliver(7, 1, 10, 11));
    }

    private static Command.Subscribe askedAgain(int session, int request, String topic) {
        return new Command.Subscribe(session, request, 0, PatternKind.TOPIC, StartFrom.POSITION, 1, topic);
    }

    private static Command.Error ended(int session, int request, String topic) {
        return new Command.Error(
                session,
                request,
                Code.SUPERSEDED,
                "another process has attached as subscriber s and has unsubscribed '" + topic + "'");
    }

    @Test
    void aProcessIsToldOnceThatAnotherOneHasUnsubscribedItsPattern() {
        feed.subscribers().restore(durable("s", 1, 0, 1, 0));
        attach(PEER, "s", 40, 1, 0);
        attach(OTHER, "s", 5_000_000, 1, 0);
        feed.receive(OTHER, new Command.Unsubscribe(8, 1, PatternKind.TOPIC, "t"), 0);
        feed.receive(OTHER, new Command.Detach(8), 0);
        attach(PEER, "s", 40, 1, 0);
        attach(PEER, "s", 41, 1, 0);
        round();

        feed.receive(PEER, askedAgain(9, 2, "t"), 0);
        feed.receive(PEER, askedAgain(9, 3, "u"), 0);
        assertThat(round()).contains(ended(9, 2, "t")).anyMatch(Command.Subscribed.class::isInstance);

        feed.receive(PEER, askedAgain(9, 4, "t"), 0);
        assertThat(round()).as("its owner may want it again").hasSize(1).allMatch(Command.Subscribed.class::isInstance);
    }

    @Test
    void aProcessThatWasSilentMeanwhileIsToldTooAndAfterTwoOthers() {
        feed.subscribers().restore(durable("s", 1, 0, 1, 0));
        attach(PEER, "s", 40, 1, 0);
        feed.receive(PEER, askedAgain(7, 1, "u"), 0);
        feed.subscribers().endSilent(1);
        attach(OTHER, "s", 5_000_000, 1, 0);
        feed.receive(OTHER, new Command.Unsubscribe(8, 1, PatternKind.TOPIC, "t"), 1);
        feed.receive(OTHER, new Command.Detach(8), 1);
        attach(OTHER, "s", 9_000_000, 1, 0);
        feed.receive(OTHER, new Command.Forget(9, 1), 1);
        round();

        attach(PEER, "s", 40, 1, 0);
        feed.receive(PEER, askedAgain(10, 2, "t"), 2);
        feed.receive(PEER, askedAgain(10, 3, "u"), 2);
        assertThat(round()).contains(ended(10, 2, "t"), ended(10, 3, "u"));
    }

    @Test
    void aProcessThatComesAfterOneThatHasUnsubscribedAndGoneSubscribesAnew() {
        feed.subscribers().restore(durable("s", 1, 0, 1, 0));
        attach(PEER, "s", 40, 1, 0);
        attach(OTHER, "s", 5_000_000, 1, 0);
        feed.receive(OTHER, new Command.Unsubscribe(8, 1, PatternKind.TOPIC, "t"), 0);
        attach(PEER, "s", 9_000_000, 1, 0);
        round();

        feed.receive(PEER, askedAgain(9, 1, "t"), 0);
        assertThat(round()).hasSize(1).allMatch(Command.Subscribed.class::isInstance);
    }

    @Test
    void aGapIsToldExactlyAfterWhatComesBeforeItAndAgainWhenAskedFor() {
        feed.subscribers().restore(durable("s", 1, 0, 1, 0));
        log.append("t", 10);
        log.append("u", 5);
        log.gap(3);
        log.append("t", 2);
        attach(PEER, "s", 40, 1, 0);
        List<Command> told = List.of(
                new Command.End(7, 1, 10, 15),
                new Command.Lost(7, 1, 16, 18, Cause.DAMAGED),
                new Command.Deliver(7, 1, 18, 19));

        List<Command> all = rounds(4);
        assertThat(all.get(0)).isEqualTo(new Command.Deliver(7, 1, 0, 1));
        assertThat(all.subList(1, all.size())).isEqualTo(told);

        feed.receive(PEER, new Command.Resend(7, 10), 0);
        assertThat(rounds(4)).as("the messages that tell it were lost").isEqualTo(told);
        assertThat(rounds(2)).isEmpty();
        assertThat(damaged).as("recorded for an operator").containsExactly("s 16 to 18");
    }

    @Test
    void ofAGapIsToldWhatAPatternMayHaveWanted() {
        log.append("u", 15);
        log.gap(3);
        log.append("t", 2);
        feed.subscribers().restore(durable("within", 1, 0, 17, 0));
        feed.subscribers().restore(durable("done", 1, 5, 1, 17));
        feed.subscribers().restore(durable("after", 1, 0, 19, 0));
        feed.subscribers().restore(new DurableSubscriber("none", 0, 1, 0, 0, 0, 0, List.of()));
        attach(new byte[] {1}, "within", 40, 1, 0);
        attach(new byte[] {2}, "done", 41, 1, 5);
        attach(new byte[] {3}, "after", 42, 1, 0);
        attach(new byte[] {4}, "none", 43, 1, 0);

        assertThat(rounds(4))
                .filteredOn(Command.Lost.class::isInstance)
                .containsExactlyInAnyOrder(
                        new Command.Lost(7, 1, 17, 18, Cause.DAMAGED), new Command.Lost(8, 1, 18, 18, Cause.DAMAGED));
    }

    @Test
    void whoWaitsForADamagedPartIsToldOnceAndNamedWithItsTopics() {
        feed.subscribers().restore(durable("s", 1, 0, 1, 0));
        log.append("t", 10);
        log.append("t", 10);
        log.damaged = 11;
        log.says = position -> new LogDamagedException(position, new IllegalStateException("damaged"));
        attach(PEER, "s", 40, 1, 0);

        assertThat(rounds(5))
                .filteredOn(Command.Error.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(
                        Command.Error.class, error -> assertThat(error.reason()).isEqualTo(Code.DAMAGED));
        assertThat(feed.waitingForRepair()).containsExactly("s (t)");

        log.damaged = 0;
        assertThat(rounds(2)).contains(new Command.Deliver(7, 1, 0, 1), new Command.Deliver(7, 1, 10, 11));
        assertThat(feed.waitingForRepair()).isEmpty();
    }

    @Test
    void aPatternHoldsForWhatANewLogPutsInPlaceOfALostEnd() {
        log.append("t", 50);
        log.raiseEpoch();
        feed.subscribers().restore(durable("s", 1, 100, 81, 90));
        log.append("t", 100);
        attach(PEER, "s", 40, 1, 100);

        assertThat(round()).contains(new Command.Deliver(7, 2, 50, 51));
        assertThat(saved.get("s").subscriptions())
                .containsExactly(new DurableSubscription(PatternKind.TOPIC, "t", 51, 50, false));
    }

    @Test
    void aPatternAndOneThatHadEndedDoNotBecomeTheSameWhenTheLogHasLostBothBeginnings() {
        log.append("t", 50);
        log.raiseEpoch();
        feed.subscribers()
                .restore(new DurableSubscriber(
                        "s",
                        0,
                        1,
                        40,
                        0,
                        0,
                        0,
                        List.of(
                                new DurableSubscription(PatternKind.TOPIC, "t", 61, 70, true),
                                new DurableSubscription(PatternKind.TOPIC, "t", 81, 0, false))));

        assertThat(saved.get("s").subscriptions())
                .containsExactly(new DurableSubscription(PatternKind.TOPIC, "t", 51, 0, false));
    }

    @Test
    void aRoundHoldsABoundedPartOfTheLogHoweverManySubscribersThereAre() {
        for (int i = 0; i < 300; i++) {
            feed.subscribers().restore(durable("s" + i, 1, 0, 1, 0));
        }
        log.append("t", 1_000);
        for (int i = 0; i < 300; i++) {
            attach(new byte[] {1, (byte) (i >> 8), (byte) i}, "s" + i, i, 1, 0);
        }
        feed.answers();
        Set<String> fed = new HashSet<>();
        boolean more = true;
        for (int round = 0; more && round < 1_000; round++) {
            long bytes = 0;
            for (Delivery delivery : feed.plan(10_000)) {
                bytes += delivery.payload().length;
                assertThat(feed.deliver(delivery, 0)).isNotNull();
                fed.add(delivery.subscriber());
            }
            assertThat(bytes).isLessThanOrEqualTo(40 * 20_000);
            more = feed.settle();
        }
        assertThat(fed).hasSize(300);
    }

    @Test
    void whatIsDeletedWithNothingForASubscriberIsNotTold() {
        log.append("t", 10);
        feed.subscribers().restore(durable("s", 1, 10, 1, 0));
        log.append("other", 10);
        assertThat(feed.subscribers().needs("other", 11, 20)).isFalse();
        assertThat(feed.subscribers().needs("t", 1, 10)).isFalse();
        assertThat(feed.subscribers().needs("t", 1, 11)).isTrue();
        feed.subscribers().passOver(20);
        log.deletedTo = 20;
        log.append("t", 10);
        // The first answer is lost.
        attach(PEER, "s", 40, 1, 10);
        round();
        attach(PEER, "s", 41, 1, 10);

        assertThat(round())
                .containsExactly(
                        new Command.Attached(41, 8, 0, 1, 20, 30, 0, 0, Cause.NONE), new Command.Deliver(8, 1, 20, 21));
        // It is fed again from where it stands for the hub, and no position is missing in between.
        feed.retransmit(1);
        assertThat(round()).containsExactly(new Command.Deliver(8, 1, 10, 21));
        assertThat(saved.get("s").purgedUpTo()).isEqualTo(20);
    }

    @Test
    void whoHasGoneBackIsToldOfAllThatIsDeleted() {
        log.append("t", 10);
        feed.subscribers().restore(durable("s", 1, 10, 1, 0));
        log.append("other", 10);
        feed.subscribers().passOver(20);
        log.deletedTo = 20;
        for (int again = 0; again < 2; again++) {
            attach(PEER, "s", 40 + again, 1, 5);
            assertThat(round())
                    .containsExactly(new Command.Attached(40 + again, 7 + again, 0, 1, 20, 20, 6, 20, Cause.PURGED));
        }
    }

    @Test
    void whatWasGivenUpInAFormerLifeIsToldThoughNothingMoreIsMissed() {
        log.append("t", 20);
        log.deletedTo = 20;
        feed.subscribers().restore(durable("s", 1, 10, 1, 0));
        log.append("other", 10);
        feed.subscribers().passOver(30);
        log.deletedTo = 30;
        attach(PEER, "s", 40, 1, 10);

        assertThat(round()).containsExactly(new Command.Attached(40, 7, 0, 1, 30, 30, 11, 30, Cause.EXPIRED));
    }

    @Test
    void anAttachedSubscriberIsFedOnAfterWhatWasDeletedWithNothingForIt() {
        feed.subscribers().restore(durable("s", 1, 0, 1, 0));
        log.append("t", 10);
        attach(PEER, "s", 40, 1, 0);
        assertThat(round()).contains(new Command.Deliver(7, 1, 0, 1));
        feed.receive(PEER, new Command.Acknowledge(7, 10, false), 0);
        log.append("other", 10);
        feed.subscribers().passOver(20);
        log.deletedTo = 20;
        log.append("t", 10);

        assertThat(round()).containsExactly(new Command.Deliver(7, 1, 10, 21));
        feed.receive(PEER, new Command.Resend(7, 10), 0);
        assertThat(round()).containsExactly(new Command.Deliver(7, 1, 10, 21));
    }

    @Test
    void oneThatIsForgottenIsToldSoAlsoIfItHadNothingYet() {
        log.append("t", 30);
        log.deletedTo = 20;
        attach(PEER, "s", 40, 1, 0);
        attach(OTHER, "newcomer", 41, 0, 0);

        assertThat(round())
                .containsExactly(
                        new Command.Attached(40, 7, 0, 1, 0, 30, 1, 30, Cause.EXPIRED),
                        new Command.Attached(41, 8, 0, 1, 0, 30, 0, 0, Cause.NONE));
    }

    @Test
    void aNewcomerStandsAtZeroAlsoWhereTheLogBeginsLaterUntilItHasAPattern() {
        log.append("t", 30);
        log.deletedTo = 20;
        attach(PEER, "s", 40, 0, 0);
        assertThat(round()).containsExactly(new Command.Attached(40, 7, 0, 1, 0, 30, 0, 0, Cause.NONE));
        // Its process ends before it has a pattern, and without having kept anything.
        attach(PEER, "s", 41, 0, 0);
        assertThat(round()).containsExactly(new Command.Attached(41, 8, 0, 1, 0, 30, 0, 0, Cause.NONE));
        feed.receive(PEER, new Command.Resend(8, 0), 0);
        feed.receive(PEER, new Command.Acknowledge(8, 0, true), 0);
        assertThat(round()).as("nothing of what was deleted was for it").noneMatch(Command.Lost.class::isInstance);

        feed.receive(PEER, new Command.Subscribe(8, 1, 0, PatternKind.TOPIC, StartFrom.OLDEST, 0, "t"), 0);
        assertThat(round()).containsExactly(new Command.Subscribed(9, 1, 0, 21, 20), new Command.Deliver(9, 1, 20, 21));

        attach(PEER, "s", 42, 0, 0);
        assertThat(round())
                .as("what may have been delivered is told by the cursor")
                .contains(new Command.Attached(42, 10, 0, 1, 20, 30, 0, 0, Cause.NONE));
    }

    @Test
    void aRepeatedAttachGetsTheSameAnswerUntilSomethingElseIsHeard() {
        log.append("t", 30);
        attach(PEER, "s", 40, 1, 10);
        round();
        log.append("t", 10);
        attach(PEER, "s", 40, 1, 10);
        assertThat(round()).containsExactly(new Command.Attached(40, 7, 0, 1, 10, 40, 11, 30, Cause.EXPIRED));

        feed.receive(PEER, new Command.Subscribe(7, 1, 10, PatternKind.TOPIC, StartFrom.POSITION, 11, "t"), 0);
        attach(PEER, "s", 40, 1, 10);
        assertThat(round()).contains(new Command.Attached(40, 8, 0, 1, 10, 40, 0, 0, Cause.NONE));
    }

    @Test
    void aPatternThatBeganAboveTheEndOfAnEpochBeginsThereIfItIsAskedForAgain() {
        log.append("t", 50);
        log.raiseEpoch();
        log.append("t", 100);
        attach(PEER, "s", 40, 1, 10);
        feed.receive(PEER, new Command.Subscribe(7, 1, 10, PatternKind.TOPIC, StartFrom.POSITION, 120, "t"), 0);
        feed.receive(PEER, new Command.Subscribe(7, 2, 50, PatternKind.TOPIC, StartFrom.POSITION, 20, "u"), 0);
        assertThat(round())
                .contains(
                        new Command.Subscribed(7, 1, 0, 51, 50),
                        new Command.Subscribed(8, 2, 1, 20, 19),
                        new Command.Deliver(8, 2, 19, 51));
        feed.receive(PEER, new Command.Acknowledge(8, 150, false), 0);
        feed.receive(PEER, new Command.Subscribe(8, 3, 150, PatternKind.TOPIC, StartFrom.POSITION, 130, "v"), 0);
        assertThat(round()).contains(new Command.Subscribed(9, 3, 2, 130, 129));
    }

    @Test
    void aGenerationThatCannotRiseIsRefused() {
        log.append("t", 10);
        feed.receive(PEER, new Command.Attach("s", 40, Integer.MAX_VALUE, 1, 5, 1 << 20), 0);

        assertThat(round())
                .singleElement()
                .isInstanceOfSatisfying(
                        Command.Error.class, error -> assertThat(error.reason()).isEqualTo(Code.MALFORMED));
    }

    @Test
    void whoHasNoPatternMakesRoomForANewSubscriber() {
        HubFeed small =
                new HubFeed(log, new Registry(), new HubLimits(1 << 20, 1 << 20, 10, 10, 10, 2, 10, 1 << 20), 7);
        small.subscribers().restore(durable("keeps", 1, 0, 1, 0));
        for (int i = 0; i < 100; i++) {
            small.receive(OTHER, new Command.Attach("ghost" + i, i, 0, 0, 0, 1 << 20), 0);
        }
        small.receive(PEER, new Command.Attach("s", 40, 0, 0, 0, 1 << 20), 0);
        small.receive(PEER, new Command.Subscribe(107, 1, 0, PatternKind.TOPIC, StartFrom.OLDEST, 0, "t"), 0);
        small.receive(OTHER, new Command.Attach("late", 41, 0, 0, 0, 1 << 20), 0);
        small.receive(OTHER, new Command.Acknowledge(106, 0, false), 0);

        List<Command> answers =
                small.answers().stream().map(PeerCommand::command).toList();
        assertThat(answers).filteredOn(Command.Attached.class::isInstance).hasSize(101);
        assertThat(answers).contains(new Command.Subscribed(107, 1, 0, 1, 0));
        assertThat(answers)
                .filteredOn(Command.Error.class::isInstance)
                .extracting(answer -> ((Command.Error) answer).reason())
                .as("two with patterns leave no room, and the ghosts are forgotten")
                .containsExactly(Code.TOO_MANY_SUBSCRIBERS, Code.UNKNOWN_SESSION);
        assertThat(saved).containsOnlyKeys("s");
    }

    @Test
    void whoHasLostItsLastPatternMakesRoomToo() {
        HubFeed small =
                new HubFeed(log, new Registry(), new HubLimits(1 << 20, 1 << 20, 10, 10, 10, 1, 10, 1 << 20), 7);
        small.subscribers().restore(durable("s", 1, 0, 1, 0));
        small.receive(PEER, new Command.Attach("s", 40, 0, 1, 0, 1 << 20), 0);
        small.receive(PEER, new Command.Unsubscribe(7, 1, PatternKind.TOPIC, "t"), 0);
        small.receive(OTHER, new Command.Attach("new", 41, 0, 0, 0, 1 << 20), 0);

        assertThat(small.answers().stream().map(PeerCommand::command)).last().isInstanceOf(Command.Attached.class);
    }

    @Test
    void aLiveSubscriberThatWaitsForTheFeedHoldsTheIntakeUpAndASlowOneDoesNot() {
        feed.subscribers().restore(durable("live", 1, 0, 1, 0));
        attach(PEER, "live", 40, 1, 0);
        round();
        assertThat(feed.lags()).isFalse();
        log.append("t", 1);
        log.append("t", 1);
        log.recent = 2;

        assertThat(feed.lags()).as("it has all its window, and waits").isTrue();
        round();
        assertThat(feed.lags()).as("it was fed").isFalse();

        feed.receive(PEER, new Command.Attach("live", 40, 0, 1, 0, 100), 0);
        round();
        log.append("t", 3);
        log.append("t", 3);
        log.recent = 6;
        feed.answers();
        assertThat(feed.lags()).as("what it was sent it has not acknowledged").isFalse();
    }

    @Test
    void anEphemeralSubscriberHoldsTheIntakeNeverUpAndNoMemory() {
        look(PEER, "e", 40);
        round();
        subscribe(PEER, 7, StartFrom.NOW);
        rounds(2);
        log.append("t", 1);
        log.append("t", 1);
        log.recent = 2;

        assertThat(feed.lags()).isFalse();
        assertThat(rounds(2)).contains(new Command.Deliver(7, 1, 0, 1), new Command.Deliver(7, 1, 1, 2));
        assertThat(log.needed).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whoCatchesUpFromTheDiskHoldsNobodyUpAndIsFedWhenThePieceIsThere() {
        feed.subscribers().restore(durable("absent", 1, 0, 1, 0));
        feed.subscribers().restore(durable("live", 1, 1, 1, 0));
        log.append("t", 1);
        log.append("t", 1);
        log.recent = 2;
        log.onDisk = 1;
        attach(PEER, "absent", 40, 1, 0);
        attach(OTHER, "live", 41, 1, 1);

        assertThat(round()).contains(new Command.Deliver(8, 1, 1, 2)).doesNotContain(new Command.Deliver(7, 1, 0, 1));
        assertThat(log.needed).as("what memory must keep").isEqualTo(3);
        log.append("t", 1);
        log.append("t", 1);
        log.recent = 4;
        assertThat(feed.lags()).as("the live one waits").isTrue();
        assertThat(round()).contains(new Command.Deliver(8, 1, 3, 4)).doesNotContain(new Command.Deliver(7, 1, 0, 1));
        assertThat(feed.lags()).as("the one that catches up does not count").isFalse();

        log.onDisk = 0;
        assertThat(round()).contains(new Command.Deliver(7, 1, 0, 1), new Command.Deliver(7, 1, 3, 4));
        log.append("t", 1);
        log.append("t", 1);
        log.recent = 6;
        assertThat(feed.lags()).as("it has caught up").isTrue();
    }

    private static final class Log implements LogReader {
        private final List<Entry> entries = new ArrayList<>();
        private final List<Long> epochEnds = new ArrayList<>();
        private long end;
        private long damaged;
        private LongFunction<RuntimeException> says =
                position -> new IllegalStateException("position " + position + " is damaged");
        private long deletedTo;
        private long toBeDeletedTo;
        private long recent;
        private long onDisk;
        private long needed;

        void append(String topic, int count) {
            append(new BatchBuilder("p", topic, 1, end + 1), new byte[0], new byte[10], count);
        }

        void appendWithHeaders(String topic, int count) {
            BatchBuilder builder = new BatchBuilder("p", topic, 1, end + 1).headers(true);
            append(builder, Headers.pack(Map.of("k", "v")), new byte[] {7}, count);
        }

        private void append(BatchBuilder builder, byte[] headers, byte[] body, int count) {
            for (int i = 0; i < count; i++) {
                builder.append(headers, body, 0, body.length);
            }
            Batch batch = builder.build();
            entries.add(new Entry(end + 1, count, 1, 0, batch.bytes()));
            end += count;
        }

        /** Says when the last entry was logged. */
        void loggedAt(long timeMs) {
            Entry last = entries.remove(entries.size() - 1);
            entries.add(new Entry(last.position(), last.count(), 1, timeMs, last.payload()));
        }

        void gap(int count) {
            entries.add(new Entry(end + 1, count, 1, -1, new byte[0]));
            end += count;
        }

        void raiseEpoch() {
            epochEnds.add(end);
        }

        @Override
        public int epoch() {
            return epochEnds.size() + 1;
        }

        @Override
        public long endOfEpoch(int epoch) {
            return epoch > epochEnds.size() ? end : epochEnds.get(epoch - 1);
        }

        @Override
        public long first() {
            return Math.max(deletedTo, toBeDeletedTo) + 1;
        }

        @Override
        public long firstReadable() {
            return deletedTo + 1;
        }

        @Override
        public long end() {
            return end;
        }

        @Override
        public long recent() {
            return recent;
        }

        @Override
        public boolean fetch(long position) {
            return position > onDisk;
        }

        @Override
        public void needed(long from) {
            needed = from;
        }

        @Override
        public List<Entry> read(long position, int bytesMax) {
            if (damaged >= position) {
                throw says.apply(damaged);
            }
            return entries.stream().filter(entry -> entry.last() >= position).toList();
        }
    }

    private final class Registry implements HubRegistry {
        @Override
        public void damaged(String subscriber, long from, long to) {
            damaged.add(subscriber + " " + from + " to " + to);
        }

        @Override
        public long grant(String publisher, long instance) {
            throw new AssertionError();
        }

        @Override
        public void open(String publisher, long epoch) {
            throw new AssertionError();
        }

        @Override
        public void lostMore(String publisher, int topics) {
            throw new AssertionError();
        }

        @Override
        public void forgetPublisher(String publisher) {
            throw new AssertionError();
        }

        @Override
        public void lost(String publisher, String topic, long fromSequence, long toSequence) {
            throw new AssertionError();
        }

        @Override
        public void save(DurableSubscriber subscriber) {
            saved.put(subscriber.id(), subscriber);
        }

        @Override
        public void passedOver(List<DurableSubscriber> subscribers) {
            subscribers.forEach(this::save);
        }

        @Override
        public void forget(String subscriber) {
            saved.remove(subscriber);
        }
    }
}
