package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.BareHub;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.OnTerminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that look on: they show what they say, and leave nothing behind. */
@Timeout(180)
@Tag("slow")
class TailCommandTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();
    private final List<Process> processes = new ArrayList<>();
    private BareHub hub;

    @BeforeEach
    void startHub() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
    }

    @AfterEach
    void stopAll() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        hub.close();
    }

    private List<String> arguments(String data, String... own) {
        List<String> all = new ArrayList<>(List.of(own));
        all.addAll(List.of("--hub", "127.0.0.1"));
        all.addAll(List.of("--publish-port", String.valueOf(hub.publishPort())));
        all.addAll(List.of("--subscribe-port", String.valueOf(hub.subscribePort())));
        all.addAll(List.of("--data", folder.resolve(data).toString()));
        return all;
    }

    private int run(String data, String... own) {
        return BactrianCommand.commandLine()
                .setErr(new PrintWriter(err, true))
                .setOut(new PrintWriter(err, true))
                .execute(arguments(data, own).toArray(String[]::new));
    }

    private void put(String... own) {
        List<String> all = new ArrayList<>(List.of("put"));
        all.addAll(List.of(own));
        assertThat(run("putter", all.toArray(String[]::new))).as(err::toString).isZero();
    }

    /** What a command that looks on writes to standard output. */
    private String looked(String... own) {
        PrintStream former = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, UTF_8));
        try {
            assertThat(run("looker", own)).as(err::toString).isZero();
        } finally {
            System.setOut(former);
        }
        return out.toString(UTF_8);
    }

    private Process start(String... own) throws IOException {
        List<String> command =
                JavaCommand.of(List.of(), Main.class, arguments("looker", own).toArray(String[]::new));
        Process process = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("log").toFile())
                .start();
        processes.add(process);
        return process;
    }

    private String out() throws IOException {
        return Files.readString(folder.resolve("out"));
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void nothingIsLeft() {
        await().atMost(PATIENCE).until(() -> hub.ephemeral() == 0);
        assertThat(hub.subscribers()).isEmpty();
        assertThat(folder.resolve("looker")).doesNotExist();
    }

    /** Puts until something is shown: from then on nothing is missed. */
    private int putUntilShown() throws IOException {
        int number = 0;
        while (out().isEmpty()) {
            assertThat(number).as(this::log).isLessThan(500);
            put("news", "m" + ++number);
        }
        return number;
    }

    @Test
    void whatComesIsShownUntilTheProcessIsToldToEndAndTheHubForgetsIt() throws Exception {
        put("news", "before");
        Process tail = start("tail", "news");
        putUntilShown();
        assertThat(hub.ephemeral()).isEqualTo(1);
        put("other", "not for it");
        put("news", "--header", "k=v", "last");
        await().atMost(PATIENCE).until(() -> out().endsWith(" news {k=v} last\n"));
        assertThat(out()).doesNotContain("before", "not for it", "\u001b");
        assertThat(out().lines())
                .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} news .+"));

        tail.destroy();
        assertThat(tail.waitFor(1, TimeUnit.MINUTES)).isTrue();
        nothingIsLeft();
    }

    @Test
    void itGoesOnWhereItWasWhenTheHubIsStartedAgain() throws Exception {
        start("tail", "news", "--json");
        int number = putUntilShown();
        hub.restart();
        int last = number + 20;
        while (number < last) {
            put("news", "m" + ++number);
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(out()).contains("\"m" + last + "\""));
        List<String> shown = bodies(out());
        int first = Integer.parseInt(shown.get(0).substring(1));
        assertThat(shown)
                .as("each once, in order, none missing")
                .isEqualTo(IntStream.rangeClosed(first, last)
                        .mapToObj(i -> "m" + i)
                        .toList());
        assertThat(hub.subscribers()).isEmpty();
    }

    private static List<String> bodies(String lines) {
        return lines.lines().map(line -> json(line).getString("body")).toList();
    }

    private static JsonObject json(String line) {
        try {
            return (JsonObject) Jsoner.deserialize(line);
        } catch (Exception e) {
            throw new AssertionError(line, e);
        }
    }

    @Test
    void itBeginsWhereItIsToldToAndEndsAfterACount() {
        Instant begin = Instant.now();
        put("news/a", "1");
        put("news/b", "2", "--header", "k=v");
        put("other", "3");
        put("news/a", "4");
        String all = looked("tail", "news/*", "--from", "oldest", "--count", "3", "--json");
        assertThat(bodies(all)).containsExactly("1", "2", "4");
        JsonObject second = json(all.lines().toList().get(1));
        assertThat(second.getString("topic")).isEqualTo("news/b");
        assertThat(second.get("headers")).isEqualTo(Map.of("k", "v"));
        assertThat(Instant.parse(second.getString("time"))).isBetween(begin.minusMillis(1), Instant.now());
        String behind = String.valueOf(second.getLong("position") + 1);
        assertThat(bodies(looked("tail", "news/a", "other", "--from", behind, "--count", "2", "--json")))
                .containsExactly("3", "4");
        assertThat(bodies(looked("tail", "*", "--from", begin.toString(), "--count", "4", "--json")))
                .containsExactly("1", "2", "3", "4");
        nothingIsLeft();
    }

    @Test
    void theLastMessagesOfATopicAreShown() throws Exception {
        Path lines = folder.resolve("lines");
        Files.write(
                lines, IntStream.rangeClosed(1, 30).mapToObj(i -> "line " + i).toList());
        put("news/a", "--file", lines.toString());
        put("other", "x");
        assertThat(bodies(looked("peek", "news/a", "--json")))
                .hasSize(10)
                .startsWith("line 21")
                .endsWith("line 30");
        assertThat(bodies(looked("peek", "news/a", "--last", "2", "--json"))).containsExactly("line 29", "line 30");
        assertThat(bodies(looked("peek", "*", "--last", "2", "--json"))).containsExactly("line 30", "x");
        assertThat(bodies(looked("peek", "news/*", "--last", "50", "--json"))).hasSize(30);
        assertThat(looked("peek", "other")).matches("\\d{4}-\\S+ \\S+ other x\n");
        assertThat(looked("peek", "nothing")).isEmpty();
        assertThat(err.toString()).contains("the hub keeps no message of nothing");
        nothingIsLeft();
    }

    @Test
    void theLastMessagesOfATopicThatHasBeenQuietForLongAreShown() throws Exception {
        put("quiet", "old");
        Path lines = folder.resolve("lines");
        Files.write(
                lines,
                IntStream.rangeClosed(1, 40_000).mapToObj(i -> "line " + i).toList());
        put("loud", "--file", lines.toString());
        assertThat(bodies(looked("peek", "quiet", "--last", "1", "--json"))).containsExactly("old");
    }

    @Test
    void aHubFromBeforeGivesADurableSubscriberItsMessages() {
        put("news", "hello");
        hub.fromBefore(true);
        assertThat(looked("get", "news", "--subscriber", "s", "--count", "1")).isEqualTo("hello\n");
    }

    @Test
    void onATerminalItIsColouredAndCtrlCLeavesNothingBehind() throws Exception {
        put("news", "hello");
        String seen = OnTerminal.interrupt(
                folder, Main.class, arguments("looker", "tail", "news", "--from", "oldest"), "hello");
        assertThat(seen).contains("\u001b[36mnews\u001b[0m hello");
        nothingIsLeft();
    }

    @Test
    void aHubFromBeforeIsNotLeftWithADurableSubscriber() {
        hub.fromBefore(true);
        assertThat(run("looker", "tail", "news", "--count", "1")).isEqualTo(1);
        assertThat(err.toString())
                .contains("is ephemeral, which the hub at", "is older than this client, update it first");
        nothingIsLeft();
    }

    @Test
    void aHubThatIsNotThereIsToldAndTheTimeoutEndsIt() throws Exception {
        hub.close();
        assertThat(run("looker", "tail", "news", "--timeout", "3s")).isEqualTo(1);
        assertThat(err.toString()).contains("waiting: the hub at", "Gave up after 3000 ms");
        hub = new BareHub(folder.resolve("other"));
    }
}
