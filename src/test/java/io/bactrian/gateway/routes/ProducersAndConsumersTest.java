package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The roles producer and consumer, from the words of a command line and the shipped routes. */
@Tag("system")
class ProducersAndConsumersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern NUMBER = Pattern.compile("\\{\"number\":(\\d+),\"reading\":\\d+}");
    private static final String ROOM = "greenhouse";

    @TempDir
    Path folder;

    private final HttpCalls http = new HttpCalls();
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            said.add(event.getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        log().setLevel(Level.INFO);
        log().addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        log().detachAppender(appender);
        // As its parent again.
        log().setLevel(null);
    }

    private static Logger log() {
        return (Logger) LoggerFactory.getLogger("io.bactrian.gateway.routes");
    }

    private static String port() {
        return Integer.toString(Ports.free());
    }

    private long number(String balancer, long id) throws Exception {
        Matcher data = NUMBER.matcher(http.consume(balancer, id));
        return data.matches() ? Long.parseLong(data.group(1)) : 0;
    }

    @Test
    void producersWithConsecutiveIdsAreReadByConsumersWhoPrintTheTimeTaken() {
        String port = port();
        try (GatewayNode gateway = GatewayNode.run(folder, "balancer", port, "worker", port(), "localhost", port);
                GatewayNode producers = GatewayNode.run(
                        folder,
                        "producer",
                        "localhost",
                        port,
                        "7",
                        "--count",
                        "3",
                        "--period",
                        "50ms",
                        "--location",
                        ROOM)) {
            String balancer = "http://127.0.0.1:" + port;
            for (long id = 7; id <= 9; id++) {
                long each = id;
                await().atMost(PATIENCE).until(() -> number(balancer, each) > 0);
            }
            try (GatewayNode consumers =
                    GatewayNode.run(folder, "consumer", "localhost", port, "7", "--count", "3", "--period", "50ms")) {
                for (long id = 7; id <= 9; id++) {
                    String line = "data of producer id=" + id + " tookMs=";
                    await().atMost(PATIENCE).until(() -> said.stream().anyMatch(text -> text.startsWith(line)));
                }
                assertThat(consumers.application().context().isStarted()).isTrue();
            }
            assertThat(http.answer(balancer + "/get_data/10")).isEqualTo("400 Producer does not exist");
            assertThat(producers.application().context().isStarted()).isTrue();
            assertThat(gateway.application().context().isStarted()).isTrue();
        } catch (java.io.IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(said)
                .anyMatch(text ->
                        text.matches("consumers=3 calls=\\d+ failedAttempts=\\d+ p50Ms=\\d+ p99Ms=\\d+ maxMs=\\d+"))
                .anyMatch(text -> text.startsWith("producers=3 calls="));
    }

    @Test
    void aProducerWhoseWorkerIsGoneRegistersAgain() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(folder.resolve("gateway"))) {
            GatewayNode first = GatewayNode.worker(folder.resolve("gateway"), List.of(balancer));
            try (GatewayNode producer = GatewayNode.run(
                            folder, "producer", "localhost", "" + balancer.port(), "1", "--period", "50ms");
                    GatewayNode second = worker(first, balancer)) {
                await().atMost(PATIENCE).until(() -> number(balancer.address(), 1) > 0);
                first.close();
                long before = number(balancer.address(), 1);
                await().atMost(PATIENCE).until(() -> number(balancer.address(), 1) > before + 3);
                assertThat(http.get(balancer.address() + "/get_data/1")
                                .headers()
                                .firstValue("Location"))
                        .contains(second.address() + "/get_data/1");
                assertThat(producer.application().context().isStarted()).isTrue();
            }
        }
    }

    private static long failures(GatewayNode producer) {
        return producer.application()
                .context()
                .getRegistry()
                .findByType(HeartbeatProducers.class)
                .iterator()
                .next()
                .failures();
    }

    /** A second worker, once the producer has the first one. */
    private GatewayNode worker(GatewayNode first, GatewayNode balancer) {
        await().atMost(PATIENCE)
                .until(() -> http.get(balancer.address() + "/get_data/1")
                        .headers()
                        .firstValue("Location")
                        .filter((first.address() + "/get_data/1")::equals)
                        .isPresent());
        return GatewayNode.worker(folder.resolve("gateway"), List.of(balancer));
    }

    @Test
    void aProducerThatFailsMoreOftenThanItMayGivesUpAndSaysWhy() {
        String nobody = port();
        try (GatewayNode producer = GatewayNode.run(folder, "producer", "localhost", nobody, "5", "--retries", "2")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(said)
                            .contains("producer id=5 gives up after failures=3: http://localhost:" + nobody
                                    + "/register/5 refuses connections; start it again, or set"
                                    + " bactrian.gateway.client.retries=0 for no limit")
                            .contains("all producers=1 have given up; this process does nothing any more"));
            assertThat(said)
                    .contains("producer id=5 tries again: http://localhost:" + nobody
                            + "/register/5 refuses connections suppressed=0");
            assertThat(producer.application().context().isStarted()).isTrue();
        }
    }

    @Test
    void aProducerWithoutALimitWaitsForABalancerForEver() {
        String port = port();
        try (GatewayNode producer =
                GatewayNode.run(folder, "producer", "localhost", port, "5", "--retries", "0", "--period", "50ms")) {
            await().atMost(PATIENCE).until(() -> failures(producer) > 3);
            try (GatewayNode gateway = GatewayNode.run(folder, "balancer", port, "worker", port(), "localhost", port)) {
                await().atMost(PATIENCE).until(() -> number("http://127.0.0.1:" + port, 5) > 0);
                assertThat(gateway.application().context().isStarted()).isTrue();
            }
        }
        assertThat(said).noneMatch(text -> text.contains("gives up"));
    }
}
