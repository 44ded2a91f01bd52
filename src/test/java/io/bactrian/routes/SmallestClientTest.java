package io.bactrian.routes;

import static io.bactrian.routes.Numbers.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.testing.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The smallest client, as it stands on the protocol's page. */
@Tag("slow")
class SmallestClientTest {
    @TempDir
    Path folder;

    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        Tools.pythonWithZmq();
        String page = Files.readString(Path.of("docs/reference/protocol.md"));
        String section = page.substring(page.indexOf("## The smallest client"));
        String code = section.substring(section.indexOf("```python") + "```python".length());
        Files.writeString(folder.resolve("client.py"), code.substring(0, code.indexOf("```")));
        hub = new TestHub(folder, TestHub.Dsl.YAML).start();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void whatItPutsItGetsOnceAndInOrderAlsoFromANewProcess() throws Exception {
        put(500);
        assertThat(get(200)).isEqualTo(numbers(0, 200));
        hub.restart();
        assertThat(get(300)).isEqualTo(numbers(200, 500));
        put(50);
        assertThat(get(50)).isEqualTo(numbers(0, 50));
    }

    @Test
    void itGetsTheBodiesAloneAsItDoesNotAskForHeaders() throws Exception {
        try (Bactrian publisher = hub.client("p")) {
            for (int i = 0; i < 100; i++) {
                publisher.put("t", Map.of("number", "" + i), ("" + i).getBytes(StandardCharsets.UTF_8));
            }
            assertThat(publisher.publisher().flush(Duration.ofSeconds(60))).isTrue();
        }
        assertThat(get(100)).isEqualTo(numbers(0, 100));
    }

    @Test
    void itGetsAllOfANewLogWithTheCursorOfTheFormer() throws Exception {
        put(500);
        assertThat(get(500)).isEqualTo(numbers(0, 500));
        hub.stop();
        try (var files = Files.walk(folder.resolve("hub"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        hub.start();
        put(700);
        assertThat(get(700)).isEqualTo(numbers(0, 700));
        assertThat(Files.readString(folder.resolve("err"))).containsPattern("positions 1 to 5\\d\\d are gone");
    }

    private void put(int count) throws Exception {
        run("put", hub.publishPort(), "p", count);
    }

    private List<String> get(int count) throws Exception {
        return run(
                "get", hub.subscribePort(), "s", count, folder.resolve("cursor").toString());
    }

    private List<String> run(String what, int port, String id, int count, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Tools.pythonWithZmq(), folder.resolve("client.py").toString(), what));
        command.addAll(List.of("tcp://127.0.0.1:" + port, id, "t", String.valueOf(count)));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("err")))
                .isZero();
        return Files.readAllLines(folder.resolve("out"));
    }
}
