package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import io.bactrian.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubscriberCoreTest {
    private static final SubscriberCursor STORED = new SubscriberCursor(0, 1, 10);

    private final List<Command> sent = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private String said = "";
    private long instances = 40;

    private SubscriberCore attachedAt(SubscriberCursor cursor, int windowBytes) {
        SubscriberCore core = new SubscriberCore(
                new SubscriberSettings("s", windowBytes, 500, 100, 400),
                new Told(),
                () -> ++instances,
                cursor,
                List.of(),
                List.of());
        core.start(0);
        core.receive(attached(5, cursor.generation(), cursor.logEpoch(), cursor.position(), 0, 0, Cause.NONE), null, 0);
        sent.clear();
        return core;
    }

    private static byte[] attached(
            int session, int generation, int logEpoch, long cursor, long lostFrom, long lostTo, Cause cause) {
        return new Command.Attached(41, session, generation, logEpoch, cursor, 1000, lostFrom, lostTo, cause).encode();
    }

    private static void deliver(SubscriberCore core, long previous, long position, int count, long nowMs) {
        BatchBuilder builder = new BatchBuilder("p", "t", 1, position);
        for (int i = 0; i < count; i++) {
            builder.append(new byte[100]);
        }
        core.receive(
                new Command.Deliver(5, 1, previous, position).encode(),
                builder.build().bytes(),
                nowMs);
    }

    @Test
    void aHubFromBeforeHeadersIsAskedForBodiesAlone() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        core.receive(new Command.Error(5, 0, Code.UNKNOWN_SESSION, "").encode(), null, 1);
        sent.clear();
        core.receive(new Command.Error(0, 0, Code.MALFORMED, "octets after the last field").encode(), null, 2);
        assertThat(sent).containsExactly(new Command.Attach("s", 41, 0, 1, 10, 100_000));
        assertThat(told).containsExactly("without headers");
        core.receive(new Command.Error(0, 0, Code.MALFORMED, "something else").encode(), null, 3);
        assertThat(told).as("then it is something else").containsExactly("without headers", "troubled MALFORMED");
        core.receive(attached(6, 0, 1, 10, 0, 0, Cause.NONE), null, 4);
        sent.clear();
        core.receive(new Command.Error(6, 0, Code.UNKNOWN_SESSION, "").encode(), null, 5);
        assertThat(sent)
                .as("a hub that is another by now is asked for them")
                .containsExactly(new Command.Attach("s", 41, 0, 1, 10, 100_000, true, false));
    }

    @Test
    void aHubThatDoesNotKnowEphemeralSubscribersIsNotAskedForADurableOne() {
        SubscriberCore looking = new SubscriberCore(
                new SubscriberSettings("s", 100_000, 500, 100, 400, 10, true),
                new Told(),
                () -> 41,
                SubscriberCursor.NONE,
                List.of(),
                List.of());
        looking.start(0);
        looking.receive(new Command.Error(0, 0, Code.MALFORMED, "unknown flags").encode(), null, 1);
        looking.tick(10_000);
        assertThat(sent).containsExactly(new Command.Attach("s", 41, 0, 0, 0, 100_000, true, true));
        assertThat(told).containsExactly("stopped MALFORMED");
    }

    @Test
    void whatWasReceivedBeforeIsDroppedEvenInsideABatch() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        deliver(core, 10, 11, 3, 1);
        deliver(core, 10, 11, 5, 2);
        deliver(core, 10, 11, 3, 3);

        assertThat(told).containsExactly("11-13", "14-15");
        assertThat(core.counters().duplicates()).isEqualTo(6);
    }

    private SubscriberCore attachedWithPatterns(int logEpoch) {
        SubscriberCore core = new SubscriberCore(
                SubscriberSettings.of("s"),
                new Told(),
                () -> ++instances,
                STORED,
                List.of(),
                List.of(
                        new ConfirmedPattern(PatternKind.TOPIC, "u", 1, 3),
                        new ConfirmedPattern(PatternKind.PREFIX, "v/", 1, 3)));
        core.start(0);
        core.subscribe(PatternKind.TOPIC, "u", StartFrom.OLDEST, 0, 0);
        sent.clear();
        core.receive(attached(5, 0, logEpoch, 10, 0, 0, Cause.NONE), null, 0);
        return core;
    }

    @Test
    void patternsOfAFormerProcessGoOnWhereItStoodIfTheHubMayHaveLostThem() {
        SubscriberCore core = attachedWithPatterns(2);
        core.rebased(new SubscriberCursor(0, 2, 10), 0);
        assertThat(sent)
                .as("in one round trip")
                .containsExactly(
                        new Command.Subscribe(5, 1, 10, PatternKind.TOPIC, StartFrom.POSITION, 11, "u"),
                        new Command.Subscribe(5, 2, 10, PatternKind.PREFIX, StartFrom.POSITION, 11, "v/"));
        core.receive(new Command.Subscribed(5, 1, 0, 11, 10).encode(), null, 1);
        core.receive(new Command.Subscribed(5, 2, 0, 11, 10).encode(), null, 1);
        core.rebased(new SubscriberCursor(0, 2, 10), 1);

        assertThat(sent)
                .containsExactly(
                        new Command.Subscribe(5, 1, 10, PatternKind.TOPIC, StartFrom.POSITION, 11, "u"),
                        new Command.Subscribe(5, 2, 10, PatternKind.PREFIX, StartFrom.POSITION, 11, "v/"),
                        new Command.Subscribe(5, 3, 10, PatternKind.TOPIC, StartFrom.OLDEST, 0, "u"));
        CursorChanges changes = core.changes(10);
        assertThat(changes.patterns())
                .containsExactly(
                        new ConfirmedPattern(PatternKind.TOPIC, "u", 2, 11),
                        new ConfirmedPattern(PatternKind.PREFIX, "v/", 2, 11));
        core.stored(changes);
        assertThat(core.changes(10).patterns()).isEmpty();
    }

    @Test
    void aPatternThatBeganAboveTheCutIsAskedForFromTheCutOn() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        core.subscribe(PatternKind.TOPIC, "t", StartFrom.NOW, 0, 1);
        core.receive(new Command.Subscribed(5, 1, 0, 11, 10).encode(), null, 1);
        core.rebased(STORED, 1);
        core.receive(new Command.Error(5, 0, Code.UNKNOWN_SESSION, "").encode(), null, 200);
        sent.clear();
        core.receive(attached(6, 0, 2, 4, 5, 10, Cause.CUT), null, 201);
        core.rebased(new SubscriberCursor(0, 2, 4), 202);

        assertThat(sent).contains(new Command.Subscribe(6, 2, 4, PatternKind.TOPIC, StartFrom.POSITION, 5, "t"));
    }

    @Test
    void aNewPatternMayBringWhatIsOlderThanWhatAnotherOneHasBrought() {
        SubscriberCore core = cutTo4(had("p", 1, 10, 1));
        core.subscribe(PatternKind.TOPIC, "t", StartFrom.OLDEST, 0, 1);
        core.receive(new Command.Subscribed(5, 1, 0, 5, 4).encode(), null, 2);
        assertThat(core.changes(0).forgotten()).containsExactly(key("p", 1));
    }

    @Test
    void patternsOfAFormerProcessAreTheOwnersToAskForWhileTheLogGoesOn() {
        SubscriberCore core = attachedWithPatterns(1);
        assertThat(sent).containsExactly(new Command.Subscribe(5, 1, 10, PatternKind.TOPIC, StartFrom.OLDEST, 0, "u"));
        core.receive(new Command.Subscribed(5, 1, 0, 3, 10).encode(), null, 1);
        core.unsubscribe(PatternKind.TOPIC, "u", 1);
        core.receive(new Command.Unsubscribed(5, 2).encode(), null, 1);

        assertThat(core.changes(10).patterns()).isEmpty();
        assertThat(core.changes(10).givenUp()).containsExactly(new ConfirmedPattern(PatternKind.TOPIC, "u", 1, 3));
    }

    private SubscriberCore kept(ConfirmedPattern... patterns) {
        SubscriberCore core = new SubscriberCore(
                SubscriberSettings.of("s"), new Told(), () -> ++instances, STORED, List.of(), List.of(patterns));
        core.start(0);
        sent.clear();
        return core;
    }

    @Test
    void aHubThatHasForgottenAPatternTellsWhatIsGoneWhereItIsAskedForAgain() {
        SubscriberCore core = kept(
                new ConfirmedPattern(PatternKind.TOPIC, "t", 1, 20),
                new ConfirmedPattern(PatternKind.TOPIC, "u", 1, 3),
                new ConfirmedPattern(PatternKind.TOPIC, "v", 1, 60));
        // It has moved us up, as it knows of nothing that we could miss.
        core.receive(attached(5, 0, 2, 49, 0, 0, Cause.NONE), null, 0);
        core.rebased(new SubscriberCursor(0, 2, 49), 0);
        core.receive(new Command.Subscribed(5, 1, 0, 50, 49).encode(), null, 1);
        core.receive(new Command.Subscribed(5, 2, 0, 50, 49).encode(), null, 1);
        core.receive(new Command.Subscribed(5, 3, 0, 60, 49).encode(), null, 1);

        assertThat(sent)
                .containsExactly(
                        new Command.Subscribe(5, 1, 49, PatternKind.TOPIC, StartFrom.POSITION, 11, "u"),
                        new Command.Subscribe(5, 2, 49, PatternKind.TOPIC, StartFrom.POSITION, 20, "t"),
                        new Command.Subscribe(5, 3, 49, PatternKind.TOPIC, StartFrom.POSITION, 60, "v"));
        assertThat(told).filteredOn(said -> said.startsWith("lost")).containsExactly("lost 11-49 EXPIRED");
    }

    @Test
    void aHubThatHasForgottenItAndStillHasEverythingIsNotSaidToHaveLostIt() {
        SubscriberCore core = kept(new ConfirmedPattern(PatternKind.TOPIC, "t", 1, 3));
        core.receive(attached(5, 0, 2, 10, 11, 90, Cause.EXPIRED), null, 0);
        core.rebased(new SubscriberCursor(0, 2, 10), 0);
        core.receive(new Command.Subscribed(5, 1, 0, 11, 10).encode(), null, 1);

        assertThat(told).containsExactly("rebase 0 2 10", "rebase 0 2 10");
    }

    @Test
    void aHubThatHasForgottenItIsBelievedOfAPatternThatIsNotAskedForAgain() {
        kept(new ConfirmedPattern(PatternKind.TOPIC, "t", 2, 3))
                .receive(attached(5, 0, 2, 10, 11, 90, Cause.EXPIRED), null, 0);
        assertThat(told).contains("lost 11-90 EXPIRED");
    }

    @Test
    void aHubThatHasForgottenItIsBelievedOfAPatternWhoseStartIsNotKnown() {
        kept(new ConfirmedPattern(PatternKind.TOPIC, "t", 1, 0))
                .receive(attached(5, 0, 2, 10, 11, 90, Cause.EXPIRED), null, 0);
        assertThat(told).contains("lost 11-90 EXPIRED");
    }

    @Test
    void oneThatHadNoPatternHasLostNothing() {
        kept().receive(attached(5, 0, 2, 10, 11, 90, Cause.EXPIRED), null, 0);
        assertThat(told).containsExactly("rebase 0 2 10");
    }

    @Test
    void aPatternIsConfirmedWhenItIsStored() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        int request = core.subscribe(PatternKind.TOPIC, "t", StartFrom.NOW, 0, 1);
        core.receive(new Command.Subscribed(5, 1, 0, 11, 10).encode(), null, 1);
        assertThat(told).containsExactly("rebase 0 1 10");
        CursorChanges changes = core.changes(10);
        assertThat(changes.patterns()).containsExactly(new ConfirmedPattern(PatternKind.TOPIC, "t", 1, 11));
        core.stored(changes);
        core.rebased(STORED, 2);

        assertThat(told).containsExactly("rebase 0 1 10", "confirmed " + request + " 11");
    }

    @Test
    void whatComesWhileAPatternIsStoredNeedNotComeAgain() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        int request = core.subscribe(PatternKind.TOPIC, "t", StartFrom.NOW, 0, 1);
        core.receive(new Command.Subscribed(5, 1, 0, 11, 10).encode(), null, 1);
        deliver(core, 10, 11, 3, 1);
        deliver(core, 13, 14, 2, 1);
        sent.clear();
        core.rebased(STORED, 2);
        deliver(core, 15, 16, 1, 2);

        assertThat(told).containsExactly("rebase 0 1 10", "confirmed " + request + " 11", "11-13", "14-15", "16-16");
        assertThat(sent).isEmpty();
    }

    @Test
    void aPatternThatIsBeingGivenUpIsNotAskedForAgain() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        core.subscribe(PatternKind.TOPIC, "t", StartFrom.NOW, 0, 1);
        core.receive(new Command.Subscribed(5, 1, 0, 11, 10).encode(), null, 1);
        core.rebased(STORED, 2);
        core.unsubscribe(PatternKind.TOPIC, "t", 3);
        core.receive(new Command.Error(5, 0, Code.UNKNOWN_SESSION, "").encode(), null, 200);
        sent.clear();
        core.receive(attached(6, 0, 2, 10, 11, 90, Cause.EXPIRED), null, 201);
        core.rebased(new SubscriberCursor(0, 2, 10), 202);

        assertThat(sent).containsExactly(new Command.Unsubscribe(6, 3, PatternKind.TOPIC, "t"));
        assertThat(told).noneMatch(said -> said.startsWith("lost"));
    }

    @Test
    void whatComesTooEarlyIsKeptAndWhatIsMissingIsAskedForOnce() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        deliver(core, 13, 14, 1, 1);
        deliver(core, 14, 20, 1, 1);
        assertThat(told).isEmpty();
        assertThat(sent).containsExactly(new Command.Resend(5, 10));

        deliver(core, 10, 11, 3, 2);

        assertThat(told).containsExactly("11-13", "14-14", "20-20");
    }

    @Test
    void aHubThatExceedsTheWindowIsNotFollowed() {
        SubscriberCore core = attachedAt(STORED, 1024);
        deliver(core, 10, 11, 8, 1);
        deliver(core, 18, 19, 8, 1);

        assertThat(told).containsExactly("11-18");
        assertThat(core.counters().overruns()).isEqualTo(1);
        core.processed(18);
        deliver(core, 18, 19, 8, 3);
        assertThat(told).containsExactly("11-18", "19-26");
    }

    @Test
    void silenceIsBrokenByAQuestionAndTheEndMovesTheCursorOnceItIsStored() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        core.tick(500);
        assertThat(sent).containsExactly(new Command.Acknowledge(5, 10, true));
        sent.clear();

        core.receive(new Command.End(5, 1, 10, 50).encode(), null, 510);
        core.tick(520);
        assertThat(told).containsExactly("advance 50");
        assertThat(sent).isEmpty();

        core.advanced(new SubscriberCursor(0, 1, 50), 530);
        core.tick(540);
        assertThat(sent).containsExactly(new Command.Acknowledge(5, 50, false));
    }

    @Test
    void aCursorThatTheHubCutsGoesBackAlsoWithinItsEpoch() {
        SubscriberCore core = new SubscriberCore(
                new SubscriberSettings("s", 100_000, 500, 100, 400),
                new Told(),
                () -> ++instances,
                STORED,
                List.of(),
                List.of());
        core.start(0);
        core.receive(attached(5, 0, 1, 4, 5, 10, Cause.CUT), null, 0);
        core.rebased(new SubscriberCursor(0, 1, 4), 0);
        deliver(core, 4, 5, 3, 1);

        assertThat(told).containsExactly("lost 5-10 CUT", "rebase 0 1 4", "5-7");
    }

    @Test
    void aPatternIsAskedForOnlyWhenNothingIsHandedOut() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        deliver(core, 10, 11, 5, 1);
        int request = core.subscribe(PatternKind.TOPIC, "u", StartFrom.OLDEST, 0, 2);
        assertThat(told).containsExactly("11-15", "withdraw");
        assertThat(sent).isEmpty();

        core.processed(12);
        core.withdrawn(12, 3);
        assertThat(sent).containsExactly(new Command.Subscribe(5, 1, 12, PatternKind.TOPIC, StartFrom.OLDEST, 0, "u"));
        deliver(core, 10, 11, 5, 4);
        core.receive(new Command.Subscribed(6, 1, 1, 3, 2).encode(), null, 5);

        assertThat(told).containsExactly("11-15", "withdraw", "rebase 1 1 2");
        core.rebased(new SubscriberCursor(1, 1, 2), 6);
        assertThat(told).endsWith("rebase 1 1 2", "confirmed " + request + " 3");
        assertThat(core.cursor()).isEqualTo(new SubscriberCursor(1, 1, 2));
    }

    @Test
    void aNewLogEpochCutsTheCursorAndSaysWhatIsGone() {
        SubscriberCore core = new SubscriberCore(
                SubscriberSettings.of("s"),
                new Told(),
                () -> ++instances,
                new SubscriberCursor(3, 1, 90),
                List.of(),
                List.of());
        core.start(0);
        core.receive(attached(5, 3, 2, 80, 81, 90, Cause.CUT), null, 1);

        assertThat(told).containsExactly("lost 81-90 CUT", "rebase 3 2 80");
        core.receive(new Command.End(5, 2, 80, 99).encode(), null, 2);
        assertThat(core.cursor().position())
                .as("nothing counts before it is stored")
                .isEqualTo(80);
        core.rebased(new SubscriberCursor(3, 2, 80), 3);
        core.receive(new Command.End(5, 2, 80, 99).encode(), null, 4);
        assertThat(core.cursor().position()).isEqualTo(99);
    }

    @Test
    void aRangeThatIsGoneIsReportedWithoutWhatWasReceived() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        deliver(core, 10, 11, 5, 1);
        core.receive(new Command.Lost(5, 1, 11, 30, Cause.EXPIRED).encode(), null, 2);
        core.receive(new Command.Lost(5, 1, 11, 30, Cause.EXPIRED).encode(), null, 3);

        assertThat(told).containsExactly("11-15", "lost 16-30 EXPIRED");
    }

    @Test
    void whatWasLostToTheOthersIsToldAgainIfANewPatternLosesIt() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        core.receive(new Command.Lost(5, 1, 11, 30, Cause.EXPIRED).encode(), null, 1);
        core.subscribe(PatternKind.TOPIC, "u", StartFrom.POSITION, 5, 2);
        core.receive(new Command.Subscribed(5, 1, 1, 5, 4).encode(), null, 3);
        core.rebased(new SubscriberCursor(1, 1, 4), 4);
        core.receive(new Command.Lost(5, 1, 5, 30, Cause.EXPIRED).encode(), null, 5);

        assertThat(told).containsSubsequence("lost 11-30 EXPIRED", "lost 5-30 EXPIRED");
    }

    @Test
    void aSessionThatTheHubDoesNotKnowIsAttachedAnew() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        core.receive(new Command.Error(5, 0, Code.UNKNOWN_SESSION, "").encode(), null, 7);

        assertThat(sent).containsExactly(new Command.Attach("s", 41, 0, 1, 10, 100_000, true, false));
        assertThat(core.attached()).isFalse();
    }

    private static LastProcessed had(String publisher, long epoch, long sequence, int logEpoch) {
        return new LastProcessed(new LastProcessed.MessageSource(publisher, "t"), epoch, sequence, logEpoch, sequence);
    }

    private static LastProcessed.Key key(String publisher, long epoch) {
        return new LastProcessed.Key(new LastProcessed.MessageSource(publisher, "t"), epoch);
    }

    /** Attached in log epoch 2, where it stands at 4; it had 10 in the first. */
    private SubscriberCore cutTo4(LastProcessed... last) {
        SubscriberCore core = new SubscriberCore(
                new SubscriberSettings("s", 100_000, 500, 100, 400),
                new Told(),
                () -> ++instances,
                STORED,
                List.of(last),
                List.of());
        core.start(0);
        core.receive(attached(5, 0, 2, 4, 5, 10, Cause.CUT), null, 0);
        core.rebased(new SubscriberCursor(0, 2, 4), 0);
        told.clear();
        return core;
    }

    private static void numbered(SubscriberCore core, long position, long epoch, long sequence, int count) {
        BatchBuilder builder = new BatchBuilder("p", "t", epoch, sequence);
        for (int i = 0; i < count; i++) {
            builder.append(new byte[100]);
        }
        byte[] frame = new Command.Deliver(5, 2, position - 1, position).encode();
        core.receive(frame, builder.build().bytes(), 1);
    }

    @Test
    void whatIsSentAgainToALogThatHadLostItIsKnown() {
        SubscriberCore core = cutTo4(had("p", 7, 10, 1));
        numbered(core, 5, 7, 5, 3);
        numbered(core, 8, 7, 8, 5);

        assertThat(told).as("the last two of the second batch are new").containsExactly("11-12");
        assertThat(core.counters().duplicates()).isEqualTo(6);
        assertThat(core.changes(12).last())
                .containsExactly(new LastProcessed(new LastProcessed.MessageSource("p", "t"), 7, 12, 2, 12));
    }

    @Test
    void whatIsKnownIsPassedOverByTheCursor() {
        SubscriberCore core = cutTo4(had("p", 7, 10, 1));
        numbered(core, 5, 7, 5, 3);
        core.tick(600);

        assertThat(told).containsExactly("advance 7");
    }

    @Test
    void theSameNumberUnderAnotherEpochOrOfAnotherPublisherIsAnotherMessage() {
        SubscriberCore core = cutTo4(had("p", 6, 10, 1), had("q", 7, 10, 1));
        numbered(core, 5, 7, 5, 3);

        assertThat(told).containsExactly("5-7");
    }

    @Test
    void whatAnOlderEpochOfItsPublisherSendsAgainDoesNotHideWhatTheNewerOneDoes() {
        SubscriberCore core = cutTo4(had("p", 6, 10, 1), had("p", 7, 3, 1));
        numbered(core, 5, 6, 9, 3);
        core.processed(7);
        numbered(core, 8, 7, 1, 3);
        numbered(core, 11, 6, 10, 2);

        assertThat(told).containsExactly("7-7", "11-12");
    }

    @Test
    void epochsThatAnotherHasFollowedAreForgottenFirst() {
        SubscriberSettings three = new SubscriberSettings("s", 100_000, 500, 100, 400, 3);
        List<LastProcessed> four = List.of(had("q", 5, 1, 1), had("p", 6, 2, 1), had("p", 7, 3, 1), had("p", 8, 4, 1));
        SubscriberCore core = new SubscriberCore(three, new Told(), () -> ++instances, STORED, four, List.of());
        assertThat(core.changes(0).forgotten()).containsExactly(key("p", 6));
    }

    @Test
    void whatIsSentAgainInALogThatGoesOnIsWantedAgain() {
        SubscriberCore core = cutTo4(had("p", 7, 10, 2));
        numbered(core, 5, 7, 5, 3);

        assertThat(told).containsExactly("5-7");
    }

    @Test
    void whatIsToBeStoredIsTheLastOfEachUpToThePosition() {
        SubscriberCore core = cutTo4(had("q", 7, 10, 1));
        numbered(core, 5, 7, 101, 3);
        numbered(core, 8, 8, 104, 3);
        assertThat(core.changes(4).last()).isEmpty();
        assertThat(core.changes(6).last())
                .containsExactly(new LastProcessed(new LastProcessed.MessageSource("p", "t"), 7, 102, 2, 6));
        assertThat(core.changes(9).last())
                .as("each epoch has its own")
                .containsExactly(
                        new LastProcessed(new LastProcessed.MessageSource("p", "t"), 7, 103, 2, 7),
                        new LastProcessed(new LastProcessed.MessageSource("p", "t"), 8, 105, 2, 9));
        core.processed(10);
        assertThat(core.changes(10).last()).as("it is stored").isEmpty();
    }

    @Test
    void whatANewPatternBringsAgainIsForgotten() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        deliver(core, 10, 11, 5, 1);
        core.processed(15);
        core.subscribe(PatternKind.PREFIX, "u", StartFrom.OLDEST, 0, 2);
        core.receive(new Command.Subscribed(6, 1, 1, 3, 2).encode(), null, 5);
        assertThat(core.changes(0).forgotten()).as("it is of other topics").isEmpty();
        core.rebased(new SubscriberCursor(1, 1, 2), 6);

        core.subscribe(PatternKind.PREFIX, "t", StartFrom.OLDEST, 0, 7);
        core.receive(new Command.Subscribed(7, 2, 2, 2, 1).encode(), null, 8);
        CursorChanges changes = core.changes(0);
        assertThat(changes.forgotten()).containsExactly(key("p", 1));
        core.stored(changes);
        assertThat(core.changes(0).forgotten()).isEmpty();
    }

    @Test
    void aRewindWhoseAnswerWasLostBringsOnlyTopicsAnewThatWereAskedFor() {
        SubscriberCore core = cutTo4(had("p", 7, 10, 1));
        core.subscribe(PatternKind.TOPIC, "u", StartFrom.OLDEST, 0, 1);
        core.receive(new Command.Error(5, 0, Code.UNKNOWN_SESSION, "").encode(), null, 200);
        core.receive(attached(6, 1, 2, 2, 0, 0, Cause.NONE), null, 201);
        assertThat(core.changes(0).forgotten()).isEmpty();
        core.rebased(new SubscriberCursor(1, 2, 2), 202);

        core.subscribe(PatternKind.PREFIX, "", StartFrom.OLDEST, 0, 203);
        core.receive(new Command.Error(6, 0, Code.UNKNOWN_SESSION, "").encode(), null, 400);
        core.receive(attached(7, 2, 2, 1, 0, 0, Cause.NONE), null, 401);
        assertThat(core.changes(0).forgotten()).containsExactly(key("p", 7));
    }

    @Test
    void thoseThatAreQuietLongestAreForgottenWhenThereAreTooMany() {
        List<LastProcessed> many = new ArrayList<>();
        for (int i = 0; i <= 10_000; i++) {
            many.add(had("p" + i, 7, 10, 1));
        }
        SubscriberCore core = cutTo4(many.toArray(LastProcessed[]::new));
        assertThat(core.changes(0).forgotten()).containsExactly(key("p0", 7));

        SubscriberSettings more = new SubscriberSettings("s", 100_000, 500, 100, 400, 10_001);
        SubscriberCore roomy = new SubscriberCore(more, new Told(), () -> ++instances, STORED, many, List.of());
        assertThat(roomy.changes(0).forgotten()).isEmpty();
    }

    @Test
    void anotherProcessThatInsistsStopsIt() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        core.receive(new Command.Error(5, 0, Code.UNKNOWN_SESSION, "").encode(), null, 7);
        byte[] superseded = new Command.Error(0, 0, Code.SUPERSEDED, "another has attached").encode();
        core.receive(superseded, null, 0);
        assertThat(told).as("a late frame of its own can cause this once").containsExactly("troubled SUPERSEDED");
        assertThat(said).isEqualTo("another has attached");
        told.clear();
        for (int i = 1; i < 3; i++) {
            core.receive(superseded, null, 1000 * i);
        }
        assertThat(told).as("it goes on").containsExactly("troubled SUPERSEDED", "troubled SUPERSEDED");
        assertThat(said).isEqualTo("another process uses subscriber id s; give each its own id");
        core.receive(superseded, null, 4000);

        assertThat(told).last().isEqualTo("stopped SUPERSEDED");
        assertThat(said).contains("give each its own id");
    }

    @Test
    void thePatternThatAnotherProcessHasEndedStopsItWhenItIsAskedForAgain() {
        SubscriberCore core = attachedAt(STORED, 100_000);
        core.subscribe(PatternKind.TOPIC, "t", StartFrom.OLDEST, 0, 0);
        core.receive(new Command.Subscribed(5, 1, 0, 1, STORED.position()).encode(), null, 1);
        core.rebased(STORED, 2);
        core.receive(new Command.Error(5, 0, Code.UNKNOWN_SESSION, "").encode(), null, 7);
        core.receive(new Command.Error(0, 0, Code.SUPERSEDED, "").encode(), null, 8);
        core.tick(10_000);
        Command.Attach again = (Command.Attach) sent.get(sent.size() - 1);
        assertThat(again.instance()).as("known again by the hub").isEqualTo(instances + 1);
        core.receive(
                new Command.Attached(again.instance(), 6, 0, 1, STORED.position(), 9, 0, 0, Cause.NONE).encode(),
                null,
                10_001);
        Command.Subscribe renewal = (Command.Subscribe) sent.get(sent.size() - 1);
        told.clear();

        core.receive(new Command.Error(6, renewal.request(), Code.SUPERSEDED, "").encode(), null, 10_002);

        assertThat(told).containsExactly("stopped SUPERSEDED");
    }

    /** Three renewals under way: numbers 1 to 3. */
    private SubscriberCore renewing() {
        SubscriberCore core = kept(
                new ConfirmedPattern(PatternKind.TOPIC, "t", 1, 3),
                new ConfirmedPattern(PatternKind.TOPIC, "u", 1, 3),
                new ConfirmedPattern(PatternKind.TOPIC, "v", 1, 3));
        core.receive(attached(5, 0, 2, 10, 0, 0, Cause.NONE), null, 0);
        core.rebased(new SubscriberCursor(0, 2, 10), 0);
        assertThat(sent).hasSize(3);
        sent.clear();
        told.clear();
        return core;
    }

    private static Command.Subscribe renewal(int session, int request, long cursor, String topic) {
        return new Command.Subscribe(session, request, cursor, PatternKind.TOPIC, StartFrom.POSITION, 11, topic);
    }

    @Test
    void noDeliveryCountsUntilTheLastRenewalIsAnsweredAndTheCursorIsStoredOnce() {
        SubscriberCore core = renewing();
        core.receive(new Command.Subscribed(5, 1, 0, 11, 10).encode(), null, 1);
        core.receive(new Command.Subscribed(5, 2, 0, 11, 10).encode(), null, 2);
        core.receive(new Command.End(5, 2, 10, 900).encode(), null, 3);
        assertThat(core.cursor().position()).as("passed over what v wants").isEqualTo(10);
        assertThat(told).isEmpty();
        core.receive(new Command.Subscribed(5, 3, 0, 11, 10).encode(), null, 4);

        assertThat(told).containsExactly("rebase 0 2 10");
        core.rebased(new SubscriberCursor(0, 2, 10), 5);
        core.receive(new Command.End(5, 2, 10, 900).encode(), null, 6);
        assertThat(core.cursor().position()).isEqualTo(900);
    }

    @Test
    void renewalsBehindOneThatBeginsANewSessionAreAskedForAgainInThat() {
        SubscriberCore core = renewing();
        core.receive(new Command.Subscribed(6, 1, 1, 8, 7).encode(), null, 1);
        core.receive(new Command.Error(5, 2, Code.UNKNOWN_SESSION, "").encode(), null, 2);
        core.receive(new Command.Error(5, 3, Code.UNKNOWN_SESSION, "").encode(), null, 2);
        assertThat(told).containsExactly("rebase 1 2 7");
        assertThat(sent).isEmpty();
        core.rebased(new SubscriberCursor(1, 2, 7), 3);

        assertThat(sent).containsExactly(renewal(6, 4, 7, "u"), renewal(6, 5, 7, "v"));
    }

    @Test
    void renewalsAreAskedForOneByOneWhereAnAnswerIsLost() {
        SubscriberCore core = renewing();
        core.receive(new Command.Subscribed(5, 1, 0, 11, 10).encode(), null, 1);
        core.tick(200);
        assertThat(sent).containsExactly(renewal(5, 2, 10, "u"), renewal(5, 3, 10, "v"));
        sent.clear();
        // The hub has answered 3, and ignores 2 from now on.
        core.receive(new Command.Subscribed(5, 3, 0, 11, 10).encode(), null, 201);

        assertThat(sent).containsExactly(renewal(5, 4, 10, "u"));
        core.receive(new Command.Subscribed(5, 2, 0, 11, 10).encode(), null, 202);
        core.receive(new Command.Subscribed(5, 4, 0, 11, 10).encode(), null, 203);
        core.rebased(new SubscriberCursor(0, 2, 10), 203);
        assertThat(sent).containsExactly(renewal(5, 4, 10, "u"), renewal(5, 5, 10, "v"));
        core.receive(new Command.Subscribed(5, 5, 0, 11, 10).encode(), null, 204);
        core.rebased(new SubscriberCursor(0, 2, 10), 205);
        core.receive(new Command.End(5, 2, 10, 900).encode(), null, 206);
        assertThat(core.cursor().position()).isEqualTo(900);
    }

    @Test
    void aThousandRenewalsAreAskedForAHundredAtATime() {
        ConfirmedPattern[] many = new ConfirmedPattern[1000];
        for (int i = 0; i < many.length; i++) {
            many[i] = new ConfirmedPattern(PatternKind.TOPIC, "t" + i, 1, 3);
        }
        SubscriberCore core = kept(many);
        core.receive(attached(5, 0, 2, 10, 0, 0, Cause.NONE), null, 0);
        core.rebased(new SubscriberCursor(0, 2, 10), 0);
        assertThat(sent).hasSize(100);
        for (int number = 1; number <= 100; number++) {
            core.receive(new Command.Subscribed(5, number, 0, 11, 10).encode(), null, 1);
        }
        core.rebased(new SubscriberCursor(0, 2, 10), 2);
        assertThat(sent).hasSize(200);
    }

    private final class Told implements SubscriberOutput {
        @Override
        public void send(byte[] frame) {
            try {
                sent.add(Commands.decode(frame));
            } catch (WireException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void deliver(Batch batch, long position, long timeMs) {
            told.add(position + "-" + (position + batch.count() - 1));
        }

        @Override
        public void withdraw() {
            told.add("withdraw");
        }

        @Override
        public void rebase(SubscriberCursor cursor) {
            told.add("rebase " + cursor.generation() + " " + cursor.logEpoch() + " " + cursor.position());
        }

        @Override
        public void advance(SubscriberCursor cursor) {
            told.add("advance " + cursor.position());
        }

        @Override
        public void lost(long from, long to, Cause cause) {
            told.add("lost " + from + "-" + to + " " + cause);
        }

        @Override
        public void confirmed(int request, long start) {
            told.add("confirmed " + request + " " + start);
        }

        @Override
        public void refused(int request, Code code, String text) {
            told.add("refused " + request + " " + code);
        }

        @Override
        public void attached() {}

        @Override
        public void withoutHeaders() {
            told.add("without headers");
        }

        @Override
        public void troubled(Code code, String text) {
            told.add("troubled " + code);
            said = text;
        }

        @Override
        public void stopped(Code code, String text) {
            told.add("stopped " + code);
            said = text;
        }
    }
}
