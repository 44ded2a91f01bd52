package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Start;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of a hub: meters as Prometheus wants them, the lag of each subscriber, one health check. */
@Tag("system")
class HubObservedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern HELP = Pattern.compile("# HELP bactrian_(\\S*) ?(.*)");
    /** Lower case, and no unit that is not a base unit. */
    private static final Pattern NAME = Pattern.compile("[a-z]+(_[a-z]+)*");

    @TempDir
    Path folder;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        hub = new TestHub(folder, TestHub.Dsl.YAML)
                .set("bactrian.hub.keep.intervalMs", "50")
                .set("bactrian.hub.subscribers.max", "2")
                .bean("meters", registry)
                .start();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void everyMeterHasAHelpTextAndANameOfLowerCaseWordsInBaseUnits() {
        List<String> helps = registry.scrape()
                .lines()
                .filter(line -> HELP.matcher(line).matches())
                .toList();
        assertThat(helps).hasSizeGreaterThan(40).allSatisfy(line -> {
            var help = HELP.matcher(line);
            assertThat(help.matches()).isTrue();
            assertThat(help.group(1)).matches(NAME).doesNotContain("millis", "micros", "_ms", "octets");
            assertThat(help.group(2)).as(help.group(1)).isNotBlank();
            assertThat(help.group(1).split("_")).as("no word twice").doesNotHaveDuplicates();
        });
    }

    @Test
    void theLagOfAnAbsentSubscriberIsShownInMessagesAndSecondsUntilItHasReadThem() throws Exception {
        try (Bactrian away = hub.client("away")) {
            away.subscribe("t", Start.OLDEST);
        }
        put(3);
        // With what the hub itself logs.
        await().atMost(PATIENCE).until(() -> lag("lag.messages") >= 3 && lag("lag") > 0 && lag("attached") == 0);
        try (Bactrian back = hub.client("away")) {
            for (int i = 0; i < 3; i++) {
                assertThat(back.get(PATIENCE)).isNotNull();
            }
            assertThat(back.get(Duration.ofMillis(1)))
                    .as("what asks on has processed the last")
                    .isNull();
            await().atMost(PATIENCE).until(() -> lag("lag.messages") == 0 && lag("lag") == 0 && lag("attached") == 1);
        }
    }

    @Test
    void nobodyIsBehindWhatTheHubItselfLogsAfterTheLastMessage() throws Exception {
        try (Bactrian away = hub.client("away")) {
            away.subscribe("t", Start.OLDEST);
        }
        put(3);
        long outstanding = hub.figure("outstanding");
        long end = hub.figure("end");
        try (Bactrian other = hub.client("other")) {
            other.subscribe("u", Start.NOW);
        }
        assertThat(hub.figure("end")).isGreaterThan(end);
        assertThat(hub.figure("outstanding")).isEqualTo(outstanding);
    }

    @Test
    void theTimesOfSyncsAndAcceptancesAreHistograms() throws Exception {
        put(2);
        assertThat(registry.get("bactrian.hub.accept").timer().count()).isPositive();
        assertThat(registry.get("bactrian.journal.sync").timer().count()).isPositive();
        assertThat(registry.scrape())
                .contains("bactrian_hub_accept_seconds_bucket{", "bactrian_journal_sync_seconds_bucket{");
    }

    @Test
    void aBoundThatIsNearIsADetailOfTheHealthCheckAndDoesNotMakeItDown() throws Exception {
        assertThat(health().getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(health().getDetails()).doesNotContainKey("hub.near").containsKey("hub.disk.usableBytes");
        try (Bactrian one = hub.client("one");
                Bactrian two = hub.client("two")) {
            one.subscribe("t", Start.OLDEST);
            two.subscribe("t", Start.OLDEST);
            assertThat(health().getState()).isEqualTo(HealthCheck.State.UP);
            assertThat(health().getDetails().get("hub.near"))
                    .asString()
                    .contains("2 of 2 subscribers", "bactrian.hub.subscribers.max");
        }
    }

    private HealthCheck.Result health() {
        return HealthCheckRegistry.get(hub.context())
                .getCheck("hub")
                .orElseThrow()
                .call();
    }

    private double lag(String what) {
        Gauge gauge = registry.find("bactrian.hub.subscriber." + what)
                .tag("subscriber", "away")
                .gauge();
        return gauge == null ? -1 : gauge.value();
    }

    private void put(int messages) throws Exception {
        try (Publisher publisher = Publisher.open(hub.settings("p").build())) {
            for (int i = 0; i < messages; i++) {
                publisher
                        .put("t", ("message " + i).getBytes(StandardCharsets.UTF_8))
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }
}
