package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.cli.PutCommand;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command put, at a hub that refuses one message in the middle for good. */
@Tag("slow")
class PutUntilRefusedTest {
    private static final int EARLIER = 5;
    /** More than a batch holds. */
    private static final int BEFORE = 3_000;

    private static final String LONG = "-".repeat(100);
    private static final int BEHIND = 20_000;

    @TempDir
    Path folder;

    private final StringWriter told = new StringWriter();
    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        hub = new TestHub(folder, TestHub.Dsl.YAML)
                .set("bactrian.hub.retention.bytes", "1m")
                .set("bactrian.hub.segment.bytes", "4k")
                .start();
        try (Bactrian away = hub.client("away")) {
            away.subscribe("t", Start.OLDEST);
        }
        try (Bactrian other = hub.client("other")) {
            Numbers.putAll(other, "t", 0, EARLIER);
        }
        // The middle one alone is larger than the topic may be while it is needed.
        List<String> lines = new ArrayList<>();
        IntStream.range(0, BEFORE).forEach(i -> lines.add("before " + i + LONG));
        lines.add("x".repeat(900_000));
        IntStream.range(0, BEHIND).forEach(i -> lines.add("behind " + i));
        Files.write(folder.resolve("lines"), lines);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    @Timeout(600)
    void nothingBehindTheFirstRefusedMessageIsAcceptedAndTheCountIsTold() throws Exception {
        assertThat(put("--timeout=10m")).isEqualTo(1);
        int accepted = (int) hub.figure("accepted") - EARLIER;
        assertThat(accepted).isPositive().isLessThanOrEqualTo(BEFORE);
        assertThat(told.toString())
                .contains("accepted " + accepted + " messages")
                .contains("put no more")
                .contains("topic-full");
        assertThat(health().getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(health().getMessage().orElseThrow()).contains(": t (", "subscriber away");
        assertThat(bodies(EARLIER + accepted)).last().isEqualTo("before " + (accepted - 1) + LONG);
        await().atMost(Duration.ofSeconds(60)).until(() -> health().getState() == HealthCheck.State.UP);
    }

    private HealthCheck.Result health() {
        return HealthCheckRegistry.get(hub.context())
                .getCheck("hub")
                .orElseThrow()
                .call();
    }

    @Test
    void withKeepGoingAllButTheRefusedMessageIsAccepted() throws Exception {
        assertThat(put("--keep-going")).isEqualTo(1);
        int accepted = (int) hub.figure("accepted") - EARLIER;
        assertThat(told.toString())
                .contains("accepted " + accepted + " messages, could not deliver")
                .doesNotContain("put no more");
        assertThat(bodies(EARLIER + accepted)).last().isEqualTo("behind " + (BEHIND - 1));
    }

    private int put(String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("t", "--file", folder.resolve("lines").toString()));
        arguments.addAll(List.of("--hub", "127.0.0.1", "--publish-port", String.valueOf(hub.publishPort())));
        arguments.addAll(List.of("--data", folder.resolve("put").toString()));
        arguments.addAll(List.of(more));
        PrintWriter out = new PrintWriter(told, true);
        return new CommandLine(new PutCommand()).setErr(out).setOut(out).execute(arguments.toArray(String[]::new));
    }

    private List<String> bodies(int count) throws InterruptedException {
        List<String> bodies = new ArrayList<>();
        try (Bactrian away = hub.client("away")) {
            away.subscribe("t", Start.OLDEST);
            while (bodies.size() < count) {
                Message message = away.get(Duration.ofSeconds(60));
                assertThat(message).as("after " + bodies.size()).isNotNull();
                bodies.add(new String(message.body(), StandardCharsets.UTF_8));
                away.processed(message);
            }
        }
        return bodies;
    }
}
