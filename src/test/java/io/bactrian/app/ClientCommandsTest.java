package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.BareHub;
import io.bactrian.testing.JavaCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
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

/** put, get, subscribe and unsubscribe as scripts use them. */
@Timeout(600)
@Tag("slow")
class ClientCommandsTest {
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
        processes.forEach(Process::destroyForcibly);
        hub.close();
    }

    private List<String> arguments(String... own) {
        return argumentsIn("data", own);
    }

    private List<String> argumentsIn(String data, String... own) {
        List<String> all = new ArrayList<>(List.of(own));
        all.addAll(List.of("--hub", "127.0.0.1"));
        all.addAll(List.of("--publish-port", String.valueOf(hub.publishPort())));
        all.addAll(List.of("--subscribe-port", String.valueOf(hub.subscribePort())));
        all.addAll(List.of("--data", folder.resolve(data).toString()));
        return all;
    }

    private int run(String... own) {
        return BactrianCommand.commandLine()
                .setErr(new PrintWriter(err, true))
                .setOut(new PrintWriter(err, true))
                .execute(arguments(own).toArray(String[]::new));
    }

    /** What a command writes to standard output. */
    private String output(String... own) {
        PrintStream former = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, UTF_8));
        try {
            assertThat(run(own)).as(err::toString).isZero();
        } finally {
            System.setOut(former);
        }
        return out.toString(UTF_8);
    }

    private Process start(String... own) throws IOException {
        return startIn("data", own);
    }

    private Process startIn(String data, String... own) throws IOException {
        List<String> command = JavaCommand.of(List.of(), Main.class);
        command.addAll(argumentsIn(data, own));
        Process process = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out" + processes.size()).toFile())
                .redirectError(folder.resolve("log" + processes.size()).toFile())
                .start();
        processes.add(process);
        return process;
    }

    private Path lines(int count) throws IOException {
        Path file = folder.resolve("lines");
        Files.write(
                file, IntStream.rangeClosed(1, count).mapToObj(i -> "line " + i).toList());
        return file;
    }

    @Test
    void aMessageThatWasPutIsGotOnce() {
        assertThat(run("put", "greetings", "hello")).as(err::toString).isZero();
        assertThat(output("get", "greetings", "--subscriber", "s")).isEqualTo("hello\n");
        assertThat(output("get", "greetings", "--subscriber", "s")).isEmpty();
    }

    @Test
    void theFolderThatACommandMakesIsClosedToOthers() throws Exception {
        assertThat(run("put", "greetings", "hello")).as(err::toString).isZero();
        for (String made : List.of("data", "data/client")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(made))))
                    .as(made)
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void linesOfAFileAreMessagesAndCountEndsAGet() throws Exception {
        assertThat(run("put", "lines", "--file", lines(10_000).toString()))
                .as(err::toString)
                .isZero();
        assertThat(hub.messages()).isEqualTo(10_000);
        assertThat(output("get", "lines", "--subscriber", "s", "--count", "2")).isEqualTo("line 1\nline 2\n");
        Path out = folder.resolve("rest");
        assertThat(run("get", "lines", "--subscriber", "s", "--output", out.toString()))
                .isZero();
        List<String> rest = Files.readAllLines(out);
        assertThat(rest).hasSize(9_998).first().isEqualTo("line 3");
        assertThat(rest.get(9_997)).isEqualTo("line 10000");
    }

    @Test
    void bodiesWithNewlinesGoThroughNullAndJson() throws Exception {
        Path records = folder.resolve("records");
        Files.writeString(records, "one\nline\0two\0");
        assertThat(run("put", "raw", "--file", records.toString(), "--null")).isZero();
        assertThat(output("get", "raw", "--subscriber", "s", "--null")).isEqualTo("one\nline\0two\0");
        String[] json = output("get", "raw", "--subscriber", "t", "--json").split("\n");
        assertThat(json).hasSize(2);
        JsonObject first = (JsonObject) Jsoner.deserialize(json[0]);
        assertThat(first.getString("topic")).isEqualTo("raw");
        assertThat(first.getLong("position")).isPositive();
        assertThat(first.getString("body")).isEqualTo("one\nline");
        assertThat(first).doesNotContainKey("bodyBase64").containsEntry("headers", new JsonObject());
    }

    @Test
    void octetsThatAreNoTextAreBase64InJson() throws Exception {
        Path records = folder.resolve("records");
        Files.write(records, new byte[] {(byte) 0xFF, 1, '\n'});
        assertThat(run("put", "raw", "--file", records.toString())).isZero();
        JsonObject got = (JsonObject) Jsoner.deserialize(output("get", "raw", "--subscriber", "s", "--json"));
        assertThat(Base64.getDecoder().decode(got.getString("bodyBase64"))).containsExactly(0xFF, 1);
        assertThat(got).doesNotContainKey("body");
    }

    @Test
    void headersOfPutAreThoseOfGet() throws Exception {
        assertThat(run(
                        "put",
                        "t",
                        "hällo",
                        "--header",
                        "Content-Type=text/plain",
                        "--header",
                        "query=a=b",
                        "--header",
                        "empty="))
                .isZero();
        JsonObject got = (JsonObject) Jsoner.deserialize(output("get", "t", "--subscriber", "s", "--json"));
        assertThat(got.get("headers")).isEqualTo(Map.of("Content-Type", "text/plain", "query", "a=b", "empty", ""));
        assertThat(got.getString("body")).isEqualTo("hällo");
        assertThat(output("get", "t", "--subscriber", "plain")).isEqualTo("hällo\n");
    }

    @Test
    void getBeginsAtATimeAndRefusesWhatIsNone() throws Exception {
        assertThat(run("put", "t", "hello")).isZero();
        assertThat(output("get", "t", "--subscriber", "s", "--from", "2026-01-01T00:00:00+01:00"))
                .isEqualTo("hello\n");
        assertThat(run("get", "t", "--subscriber", "u", "--from", "2026-13-01T00:00"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("'2026-13-01T00:00' is no time; give 2026-11-21T07:05:00Z");
    }

    @Test
    void aHeaderThatCannotCrossIsAUsageError() {
        for (String wrong : List.of(
                "noValue",
                "=v",
                "big=" + "v".repeat(70_000),
                "n".repeat(256) + "=v",
                "line\nbreak=v",
                "\u0007bell=v",
                "CamelFoo=v",
                "camelfileName=v",
                "org.apache.camel.foo=v",
                "Authorization=Basic eA==",
                "twice=1,--header,twice=2",
                "Twice=1,--header,tWICE=1")) {
            List<String> put = new ArrayList<>(List.of("put", "t", "hello", "--header"));
            put.addAll(List.of(wrong.split(",")));
            err.getBuffer().setLength(0);
            assertThat(run(put.toArray(String[]::new))).as(wrong).isEqualTo(ExitCode.USAGE);
            assertThat(err.toString())
                    .as(wrong)
                    .startsWith("--header: ")
                    .contains("See: bactrian put --help")
                    .doesNotContain("at io.bactrian");
        }
        assertThat(hub.messages()).as("nothing was put").isZero();
    }

    @Test
    void withoutAHubPutSaysWhatItCouldNotDeliver() throws Exception {
        hub.accepting(false);
        assertThat(run("put", "t", "hello", "--timeout", "300ms")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("accepted 0 messages, could not deliver 1", "message 1:");
    }

    @Test
    void messagesThatFailForOneReasonAreToldInOneLine() throws Exception {
        hub.accepting(false);
        Path lines = Files.write(folder.resolve("some"), List.of("a", "b", "c"));
        assertThat(run("put", "t", "--file", lines.toString(), "--timeout", "300ms"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(err.toString().lines())
                .contains("accepted 0 messages, could not deliver 3:")
                .filteredOn(line -> line.contains("message"))
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).startsWith("  messages 1 to 3: publisher "));
    }

    @Test
    void aReservedTopicIsRefused() {
        assertThat(run("put", "$hub", "hello")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("reserved-topic");
    }

    @Test
    void aSubscriptionHoldsFromWhenItWasMadeUntilItIsTakenAway() {
        assertThat(run("put", "t", "before")).isZero();
        assertThat(run("subscribe", "t", "--subscriber", "s", "--from", "now")).isZero();
        assertThat(run("put", "t", "after")).isZero();
        assertThat(output("get", "t", "--subscriber", "s")).isEqualTo("after\n");
        assertThat(run("unsubscribe", "t", "--subscriber", "s")).isZero();
        assertThat(run("put", "t", "later")).isZero();
        assertThat(output("get", "other", "--subscriber", "s")).isEmpty();
    }

    @Test
    void killedGetsNeitherLoseNorDoubleALineOfTheOutput() throws Exception {
        int count = 60_000;
        Path out = folder.resolve("out.txt");
        List<String> expected = Files.readAllLines(lines(count));
        Process put = start("put", "t", "--file", folder.resolve("lines").toString());
        for (int kill = 1; kill <= 4; kill++) {
            Process get = start("get", "t", "--subscriber", "s", "--follow", "--output", out.toString());
            long size = Files.exists(out) ? Files.size(out) : 0;
            long more = size + count * 2L;
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Files.exists(out) && (Files.size(out) > more || hub.messages() == count));
            get.destroyForcibly().waitFor();
        }
        assertThat(put.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(put.exitValue()).isZero();
        assertThat(run("get", "t", "--subscriber", "s", "--output", out.toString()))
                .isZero();
        assertThat(Files.readAllLines(out)).isEqualTo(expected);
    }

    @Test
    void putAndGetGoOnWhenTheHubIsRestartedUnderThem() throws Exception {
        int count = 200_000;
        Path out = folder.resolve("out.txt");
        List<String> expected = Files.readAllLines(lines(count));
        Process get =
                start("get", "t", "--subscriber", "s", "--count", String.valueOf(count), "--output", out.toString());
        Process put = start("put", "t", "--file", folder.resolve("lines").toString());
        await().atMost(Duration.ofSeconds(60)).until(() -> hub.messages() > 0);
        hub.restart();
        assertThat(put.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(put.exitValue()).isZero();
        assertThat(get.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(get.exitValue()).isZero();
        assertThat(Files.readAllLines(out)).isEqualTo(expected);
    }

    @Test
    void twoThatUseOneSubscriberIdInTwoFoldersAreToldSo() throws Exception {
        startIn("one", "get", "t", "--subscriber", "s", "--follow");
        awaitSubscriber();
        startIn("two", "get", "t", "--subscriber", "s", "--follow");
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(log(0))
                        .contains("superseded: another process uses subscriber id s; give each its own id")
                        .doesNotContain("is not heard any more"));
        assertThat(log(0))
                .as("said at the first time already")
                .contains("waiting: the hub at tcp://127.0.0.1:" + hub.subscribePort()
                        + ": superseded: another process has attached as subscriber s since");
    }

    private void awaitSubscriber() {
        await().atMost(Duration.ofMinutes(1)).until(() -> !hub.subscribers().isEmpty());
    }

    private String log(int process) throws IOException {
        return Files.readString(folder.resolve("log" + process));
    }

    @Test
    void interruptedFollowSavesWhatItHasWritten() throws Exception {
        assertThat(run("put", "t", "one")).isZero();
        Process get = start("get", "t", "--subscriber", "s", "--follow");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.readString(folder.resolve("out0")).equals("one\n"));
        get.destroy();
        assertThat(get.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(run("put", "t", "two")).isZero();
        assertThat(output("get", "t", "--subscriber", "s")).isEqualTo("two\n");
    }
}
