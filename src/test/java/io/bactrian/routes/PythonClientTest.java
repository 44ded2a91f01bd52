package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A publisher and a subscriber that were written from the protocol's page alone, in Python over libzmq. */
@Tag("slow")
class PythonClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MESSAGES = 1_000;

    @TempDir
    Path folder;

    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        Tools.pythonWithZmq();
        hub = new TestHub(folder, TestHub.Dsl.YAML).start();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void whatPythonPublishesOurSubscriberGets() throws Exception {
        assertThat(run("publish.py", "--hub-publish", address(hub.publishPort()), "--publisher", "python"))
                .isZero();
        try (Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            for (int i = 0; i < MESSAGES; i++) {
                Message message = subscriber.get(PATIENCE);
                assertThat(message).isNotNull();
                assertThat(message.publisher()).isEqualTo("python");
                assertThat(message.sequence()).isEqualTo(i + 1L);
            }
        }
    }

    @Test
    void whatOurPublisherPutsPythonGetsOnceAndInOrder() throws Exception {
        try (Bactrian publisher = hub.client("p")) {
            for (int i = 0; i < MESSAGES; i++) {
                publisher.put("t", String.valueOf(i).getBytes(StandardCharsets.UTF_8));
            }
            publisher.publisher().flush(PATIENCE);
        }
        Path out = folder.resolve("out.txt");
        assertThat(run(
                        out,
                        "subscribe.py",
                        "--hub-subscribe",
                        address(hub.subscribePort()),
                        "--subscriber",
                        "python",
                        "--cursor",
                        folder.resolve("cursor").toString()))
                .isZero();
        assertThat(out)
                .content()
                .isEqualTo(String.join(
                                "\n",
                                IntStream.range(0, MESSAGES)
                                        .mapToObj(String::valueOf)
                                        .toList()) + "\n");
    }

    @Test
    void headersThatOurPublisherPutsPythonReads() throws Exception {
        try (Bactrian publisher = hub.client("p")) {
            for (int i = 0; i < MESSAGES; i++) {
                Map<String, String> headers = i % 2 == 0 ? Map.of("größe", "" + i) : Map.of();
                publisher.put("t", headers, ("body " + i).getBytes(StandardCharsets.UTF_8));
            }
            publisher.publisher().flush(PATIENCE);
        }
        Path out = folder.resolve("out.txt");
        assertThat(run(
                        out,
                        "subscribe.py",
                        "--hub-subscribe",
                        address(hub.subscribePort()),
                        "--subscriber",
                        "python",
                        "--cursor",
                        folder.resolve("cursor").toString()))
                .isZero();
        assertThat(out)
                .content()
                .isEqualTo(IntStream.range(0, MESSAGES)
                        .mapToObj(
                                i -> (i % 2 == 0 ? "{\"gr\\u00f6\\u00dfe\": \"" + i + "\"} " : "") + "body " + i + "\n")
                        .collect(Collectors.joining()));
    }

    private static String address(int port) {
        return "tcp://127.0.0.1:" + port;
    }

    private int run(String script, String... arguments) throws IOException, InterruptedException {
        return run(folder.resolve("ignored.txt"), script, arguments);
    }

    private static int run(Path out, String script, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Tools.pythonWithZmq(), "src/test/python/" + script, "--topic", "t", "--count", "" + MESSAGES));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }
}
