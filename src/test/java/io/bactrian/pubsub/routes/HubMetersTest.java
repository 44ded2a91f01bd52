package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.support.timer.ScrapeSnapshot;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** One scrape has the figures of a hub built once, as that copies all its subscribers. */
class HubMetersTest {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicLong nowNanos = new AtomicLong(Long.MAX_VALUE);
    /** How often the figures were built, which is a figure too. */
    private final AtomicLong built = new AtomicLong();

    @Test
    void aScrapeBuildsTheFiguresOnceAndTheNextOneAgain() {
        HubMeters.registerFigures(
                registry,
                built,
                new ScrapeSnapshot<>(it -> Map.of("accepted", it.incrementAndGet(), "end", it.get()), nowNanos::get));
        assertThat(registry.scrape()).contains("bactrian_hub_accepted_total 1.0", "bactrian_hub_end 1.0");
        assertThat(registry.getMeters()).hasSizeGreaterThan(15);
        assertThat(built).hasValue(1);
        nowNanos.addAndGet(1_000_000_000);
        assertThat(registry.scrape()).contains("bactrian_hub_accepted_total 2.0", "bactrian_hub_end 2.0");
        assertThat(built).hasValue(2);
    }
}
