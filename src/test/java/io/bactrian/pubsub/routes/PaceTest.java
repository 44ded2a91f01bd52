package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PaceTest {
    @Test
    void theIntakeWaitsUntilTheFeedHasCaughtUp() throws Exception {
        Pace pace = new Pace(Duration.ofHours(1));
        AtomicBoolean lags = new AtomicBoolean(true);
        AtomicInteger asked = new AtomicInteger();
        Thread intake = new Thread(() -> pace.await(() -> {
            asked.incrementAndGet();
            return lags.get();
        }));
        intake.start();
        pace.fed();
        while (asked.get() < 2) {
            pace.fed();
            Thread.onSpinWait();
        }
        assertThat(intake.isAlive()).isTrue();
        lags.set(false);
        pace.fed();
        intake.join();
        assertThat(pace.pacedRounds()).isEqualTo(1);
    }

    @Test
    void theWaitIsBoundedWhateverTheFeedDoes() {
        Pace pace = new Pace(Duration.ofMillis(20));
        long started = System.nanoTime();
        pace.await(() -> true);
        assertThat(System.nanoTime() - started).isGreaterThanOrEqualTo(20_000_000);
        assertThat(pace.pacedRounds()).isEqualTo(1);
    }

    @Test
    void nobodyWaitsWhereNothingLagsOrTheBoundIsZero() {
        Pace pace = new Pace(Duration.ofHours(1));
        pace.await(() -> false);
        assertThat(pace.pacedRounds()).isZero();
        Pace none = new Pace(Duration.ZERO);
        none.await(() -> true);
        assertThat(none.pacedRounds()).isZero();
    }

    @Test
    void anInterruptEndsTheWaitAndStays() {
        Pace pace = new Pace(Duration.ofHours(1));
        Thread.currentThread().interrupt();
        pace.await(() -> true);
        assertThat(Thread.interrupted()).isTrue();
    }
}
