package io.bactrian.pair.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Two meters of a scrape cost one reading of the log, and the next scrape has a new one. */
class RecentCopyLagTest {
    private final AtomicLong nowNanos = new AtomicLong(-1);
    private final AtomicLong readings = new AtomicLong();
    private final RecentCopyLag recent = new RecentCopyLag(nowNanos::get);

    private long messages() {
        return recent.get(() -> new CopyLag(readings.incrementAndGet(), 0, 0)).messages();
    }

    @Test
    void aScrapeReadsOnce() {
        assertThat(messages()).isEqualTo(1);
        nowNanos.addAndGet(500_000_000);
        assertThat(messages()).isEqualTo(1);
        nowNanos.addAndGet(1);
        assertThat(messages()).isEqualTo(2);
        assertThat(messages()).isEqualTo(2);
    }
}
