package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.core.HubChoice.Next;
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

        assertThat(choice.heard(1, ANSWER)).isTrue();
        assertThat(choice.refused(1, NOT_ACTIVE, 30_000, ONLY_SECOND)).isEqualTo(Next.MOVED);
        assertThat(choice.dueMs()).isEqualTo(30_020);
    }

    @Test
    void aHubThatAnswersAsActiveIsNotWaitedFor() {
        IntPredicate onlyFirst = number -> number == 0;
        assertThat(choice.refused(0, NOT_ACTIVE, 1_000, onlyFirst)).isEqualTo(Next.MOVED);
        assertThat(choice.work(1_005, onlyFirst)).isEqualTo(Next.NOTHING);

        assertThat(choice.heard(0, ANSWER)).isTrue();
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
        assertThat(choice.heard(0, ANSWER)).isTrue();

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
}
