package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.core.HubChoice.Next;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class HubChoiceTest {
    private static final byte[] NOT_ACTIVE = new Command.Refuse(0, "", 0, 0, Code.NOT_ACTIVE, "passive").encode();
    private static final byte[] ANSWER = new Command.Ack(1, 1, List.of()).encode();
    private static final IntPredicate ONLY_SECOND = number -> number == 1;

    private final HubChoice choice = new HubChoice(2);

    @Test
    void aClosedConnectionLeadsToTheOtherHubAtOnce() {
        assertThat(choice.work(10, ONLY_SECOND)).isEqualTo(Next.MOVED);
        assertThat(choice.used()).isEqualTo(1);
        assertThat(choice.work(10, ONLY_SECOND)).isEqualTo(Next.BEGIN);
    }

    @Test
    void aHubIsAskedAgainEvery20MsWhileATakeoverMayBeUnderWayThenLessAndLessOften() {
        choice.work(10, ONLY_SECOND);
        List<Long> intervals = intervalsUntil(20_000);

        assertThat(intervals.subList(0, 100)).containsOnly(20L);
        assertThat(intervals.subList(101, intervals.size())).isSorted();
        assertThat(intervals.get(intervals.size() - 1)).isEqualTo(500);
    }

    @Test
    void anAnswerBringsTheShortPaceBack() {
        choice.work(10, ONLY_SECOND);
        intervalsUntil(20_000);
        choice.work(30_000, ONLY_SECOND);

        assertThat(choice.isAnswer(1, ANSWER)).isTrue();
        assertThat(choice.refused(1, NOT_ACTIVE, 30_000, ONLY_SECOND)).isEqualTo(Next.MOVED);
        assertThat(choice.dueMs()).isEqualTo(30_020);
    }

    @Test
    void aHubThatAnswersAsActiveIsNotWaitedFor() {
        IntPredicate onlyFirst = number -> number == 0;
        assertThat(choice.refused(0, NOT_ACTIVE, 1_000, onlyFirst)).isEqualTo(Next.MOVED);
        assertThat(choice.work(1_005, onlyFirst)).isEqualTo(Next.NOTHING);

        assertThat(choice.isAnswer(0, ANSWER)).isTrue();
        assertThat(choice.dueMs()).isLessThanOrEqualTo(1_005);
        assertThat(choice.work(1_005, onlyFirst)).isEqualTo(Next.BEGIN);
        assertThat(choice.work(1_005, onlyFirst)).isEqualTo(Next.NOTHING);
    }

    @Test
    void aSilentHubIsLeftAsSoonAsAnotherOneIsActive() {
        IntPredicate both = number -> true;
        choice.asked(1_000);
        choice.waits(1_000);

        assertThat(choice.probes(1_100)).isFalse();
        assertThat(choice.probes(1_150)).isTrue();
        assertThat(choice.probes(1_160)).isFalse();
        assertThat(choice.probed(1, NOT_ACTIVE, 1_170)).isEqualTo(Next.NOTHING);
        assertThat(choice.probes(1_200)).isTrue();
        assertThat(choice.probed(1, ANSWER, 1_210)).isEqualTo(Next.MOVED);
        assertThat(choice.used()).isEqualTo(1);
        assertThat(choice.work(1_210, both)).isEqualTo(Next.BEGIN);
    }

    @Test
    void aHubThatAnswersIsNotLeft() {
        choice.waits(1_000);
        choice.probes(1_150);
        assertThat(choice.isAnswer(0, ANSWER)).isTrue();

        assertThat(choice.probes(2_000)).isFalse();
        assertThat(choice.probed(1, ANSWER, 2_000)).isEqualTo(Next.NOTHING);
        assertThat(choice.used()).isZero();
    }

    /** The hub answers each time that it is not active. */
    private List<Long> intervalsUntil(long endMs) {
        List<Long> intervals = new ArrayList<>();
        for (long nowMs = 10; nowMs < endMs; nowMs = choice.dueMs()) {
            choice.work(nowMs, ONLY_SECOND);
            choice.refused(1, NOT_ACTIVE, nowMs, ONLY_SECOND);
            intervals.add(choice.dueMs() - nowMs);
        }
        return intervals;
    }

    @Test
    void aHubWithALowerLogEpochThanTheOtherIsNotUsed() {
        IntPredicate both = number -> true;
        useSecondUnder(7);
        choice.refused(1, NOT_ACTIVE, 2_000, both);
        assertThat(choice.used()).isZero();
        choice.work(2_020, both);

        for (byte[] answer : answersUnder(5)) {
            assertThat(choice.isAnswer(0, answer)).as("code %d", answer[2]).isFalse();
        }
        assertThat(choice.refused(0, welcome(5), 2_030, both)).isEqualTo(Next.MOVED);
        assertThat(choice.used()).isEqualTo(1);
        assertThat(choice.outdated()).isEqualTo(1);
        choice.work(2_100, both);
        assertThat(choice.isAnswer(1, welcome(7))).isTrue();
    }

    @Test
    void aProbedHubWithALowerLogEpochIsNotMovedTo() {
        useSecondUnder(7);
        choice.waits(2_000);
        assertThat(choice.probes(2_200)).isTrue();

        assertThat(choice.probed(0, welcome(5), 2_210)).isEqualTo(Next.NOTHING);
        assertThat(choice.probed(0, welcome(8), 2_220)).isEqualTo(Next.MOVED);
    }

    @Test
    void aHubThatTellsLessThanItHasToldItselfWasMadeAnew() {
        useSecondUnder(7);

        assertThat(choice.isAnswer(1, welcome(3))).isTrue();
        choice.refused(1, NOT_ACTIVE, 2_000, number -> true);
        assertThat(choice.isAnswer(0, welcome(4))).isTrue();
    }

    @Test
    void aLowerLogEpochCountsWhenTheOtherHubHasLongSaidThatItIsNotActive() {
        IntPredicate both = number -> true;
        useSecondUnder(7);
        long now = 2_000;
        for (; now < 14_000; now += 600) {
            choice.refused(1, NOT_ACTIVE, now, both);
            choice.work(now + 500, both);
            if (choice.isAnswer(0, welcome(5))) {
                break;
            }
            choice.refused(0, welcome(5), now + 500, both);
            choice.work(now + 599, both);
            choice.work(now + 1_100, both);
        }

        assertThat(now).isBetween(12_000L, 13_200L);
        assertThat(choice.isAnswer(0, welcome(5))).isTrue();
    }

    @Test
    void aLowerLogEpochDoesNotCountWhileTheOtherHubIsGone() {
        IntPredicate onlyFirst = number -> number == 0;
        useSecondUnder(7);
        for (long now = 2_000; now < 60_000; now += 600) {
            choice.work(now, onlyFirst);
            assertThat(choice.isAnswer(0, welcome(5))).isFalse();
            choice.refused(0, welcome(5), now, onlyFirst);
        }
    }

    private void useSecondUnder(int logEpoch) {
        choice.work(1_000, ONLY_SECOND);
        choice.work(1_000, ONLY_SECOND);
        assertThat(choice.used()).isEqualTo(1);
        assertThat(choice.isAnswer(1, welcome(logEpoch))).isTrue();
    }

    private static byte[] welcome(int logEpoch) {
        return new Command.Welcome(1, 1, logEpoch, 1024, 2048).encode();
    }

    private static List<byte[]> answersUnder(int logEpoch) {
        return List.of(
                welcome(logEpoch),
                new Command.Ack(1, logEpoch, List.of()).encode(),
                new Command.Attached(1, 1, 1, logEpoch, 0, 0, 0, 0, Cause.NONE).encode(),
                new Command.Deliver(1, logEpoch, 0, 1, 0).encode(),
                new Command.End(1, logEpoch, 0, 1).encode(),
                new Command.Lost(1, logEpoch, 1, 2, Cause.PURGED).encode());
    }
}
