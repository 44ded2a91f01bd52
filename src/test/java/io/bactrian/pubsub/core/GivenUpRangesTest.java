package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What subscribers give up is one range for as long as they stay behind. */
class GivenUpRangesTest {
    private final GivenUpRanges ranges = new GivenUpRanges();

    @Test
    void aRangeThatGrowsIsToldWhenItBeginsAndOnceBeforeEachDeletion() {
        assertThat(ranges.add("s", "t", 10, 11, 20)).isTrue();
        assertThat(ranges.grown(0)).isEmpty();
        for (long to = 21; to <= 5_000; to++) {
            // It has processed some of it meanwhile, and another topic has had it give up more.
            assertThat(ranges.add("s", "t", 15, to + 3, to + 3)).isFalse();
        }
        assertThat(ranges.grown(7)).containsExactly(HubEvent.subscriberLost(7, "s", 11, 5_003, "topic t was full"));
        assertThat(ranges.grown(8)).isEmpty();
    }

    @Test
    void topicsInTurnsAreOneRangeForEach() {
        assertThat(ranges.add("s", "t", 0, 1, 10)).isTrue();
        assertThat(ranges.add("s", "u", 0, 11, 20)).isTrue();
        assertThat(ranges.add("other", "t", 0, 1, 10)).isTrue();
        for (long to = 30; to < 1_000; to += 20) {
            assertThat(ranges.add("s", "t", 0, to - 9, to)).isFalse();
            assertThat(ranges.add("s", "u", 0, to + 1, to + 10)).isFalse();
        }
        assertThat(ranges.grown(0))
                .containsExactly(
                        HubEvent.subscriberLost(0, "s", 1, 990, "topic t was full"),
                        HubEvent.subscriberLost(0, "s", 11, 1_000, "topic u was full"));
    }

    @Test
    void whoHasPassedARangeOrGoneBackBeforeItBeginsAnotherOne() {
        ranges.add("s", "t", 0, 51, 60);
        assertThat(ranges.add("s", "t", 60, 61, 70)).as("passed").isTrue();
        assertThat(ranges.add("s", "t", 10, 11, 70)).as("gone back").isTrue();
        assertThat(ranges.grown(0)).isEmpty();
    }

    @Test
    void rangesAreBounded() {
        for (int i = 0; i < GivenUpRanges.RANGES_MAX + 1; i++) {
            ranges.add("s" + i, "t", 0, 1, 10);
        }
        assertThat(ranges.add("s0", "t", 0, 11, 20))
                .as("the oldest begins anew")
                .isTrue();
        assertThat(ranges.add("s2", "t", 0, 11, 20)).isFalse();
    }
}
