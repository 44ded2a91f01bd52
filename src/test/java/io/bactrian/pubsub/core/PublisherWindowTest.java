package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** A publisher that always has more, and a hub behind a line, both by the clock of the test. */
class PublisherWindowTest {
    private static final long MAX = 64 << 20;
    private static final int BATCH = 64 << 10;

    private record Sent(long atMs, long answerMs) {}

    private final PublisherWindow window = new PublisherWindow(MAX);
    private final ArrayDeque<Sent> under = new ArrayDeque<>();
    private long nowMs = 1_000;
    private double hubFreeMs;
    private long waiting;
    private long accepted;
    private long longestMs;

    /** Runs for some seconds: the hub takes so many octets a ms, and an answer takes so long besides. */
    private void run(int seconds, double octetsPerMs, long lineMs) {
        long endMs = nowMs + seconds * 1_000L;
        accepted = 0;
        longestMs = 0;
        for (; nowMs < endMs; nowMs++) {
            while (!under.isEmpty() && under.element().answerMs() <= nowMs) {
                Sent sent = under.remove();
                window.accepted(BATCH, waiting, nowMs - sent.atMs(), nowMs);
                waiting -= BATCH;
                accepted += BATCH;
                longestMs = Math.max(longestMs, nowMs - sent.atMs());
            }
            while (window.takes(waiting, BATCH, nowMs)) {
                hubFreeMs = Math.max(hubFreeMs, nowMs) + BATCH / octetsPerMs;
                under.add(new Sent(nowMs, (long) Math.ceil(hubFreeMs) + lineMs));
                waiting += BATCH;
            }
        }
    }

    @Test
    void nearAFastHubLittleWaitsAndNothingIsLostOfItsSpeed() {
        run(5, 60_000, 1);
        run(60, 60_000, 1);
        assertThat(longestMs).isLessThan(100);
        assertThat(accepted).isGreaterThan((long) (0.97 * 60_000 * 60_000));
    }

    @Test
    void overASlowLineAsMuchWaitsAsFillsIt() {
        run(10, 20_000, 200);
        run(60, 20_000, 200);
        assertThat(longestMs).isLessThan(300);
        assertThat(accepted).isGreaterThan((long) (0.9 * 20_000 * 60_000));
    }

    @Test
    void aHubThatBecomesSlowerIsNotFloodedForLong() {
        run(10, 60_000, 1);
        run(5, 2_000, 1);
        run(10, 2_000, 1);
        assertThat(longestMs).isLessThan(200);
        assertThat(accepted).isGreaterThan((long) (0.97 * 2_000 * 10_000));
    }

    @Test
    void aHubThatBecomesFasterIsUsed() {
        run(10, 2_000, 1);
        run(5, 60_000, 1);
        run(10, 60_000, 1);
        assertThat(accepted).isGreaterThan((long) (0.95 * 60_000 * 10_000));
    }

    @Test
    void whereLittleWaitsMostOfTheTimeTheWindowIsNotMadeSmaller() {
        run(5, 60_000, 1);
        long before = room();
        long endMs = nowMs + 60_000;
        for (; nowMs < endMs; nowMs++) {
            window.accepted(BATCH, BATCH, 1, nowMs);
        }
        assertThat(room()).isGreaterThanOrEqualTo(before);
    }

    private long room() {
        long room = BATCH;
        while (window.takes(BATCH, room, nowMs)) {
            room += BATCH;
        }
        return room;
    }

    @Test
    void whileTheHubIsAwayAsMuchWaitsAsIsConfigured() {
        run(5, 60_000, 1);
        assertThat(window.takes(waiting, MAX / 2, nowMs)).isFalse();
        assertThat(window.takes(waiting, MAX / 2, nowMs + PublisherWindow.STANDSTILL_MS))
                .isTrue();
        assertThat(window.takes(waiting, MAX, nowMs + PublisherWindow.STANDSTILL_MS))
                .isFalse();
    }

    @Test
    void aRecordOfAnySizeIsTakenWhenNothingWaits() {
        assertThat(window.takes(0, 2 * MAX, nowMs)).isTrue();
    }
}
