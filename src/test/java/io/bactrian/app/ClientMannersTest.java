package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.pubsub.client.BareHub;
import io.bactrian.testing.Folders;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What the commands of clients say when something is not as it should be, and that they lose and repeat nothing then. */
@Timeout(600)
@Tag("system")
class ClientMannersTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private BareHub hub;
    private final StringWriter err = new StringWriter();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private int run(String... arguments) {
        return run(hub.publishPort(), hub.subscribePort(), arguments);
    }

    private int run(int publishPort, int subscribePort, String... own) {
        err.getBuffer().setLength(0);
        out.reset();
        List<String> all = new ArrayList<>(List.of(own));
        all.addAll(List.of("--hub", "127.0.0.1"));
        all.addAll(List.of("--publish-port", String.valueOf(publishPort)));
        all.addAll(List.of("--subscribe-port", String.valueOf(subscribePort)));
        if (!all.contains("--data")) {
            all.addAll(List.of("--data", folder.resolve("data").toString()));
        }
        return Main.run(out, new PrintWriter(err, true), all.toArray(String[]::new));
    }

    private void put(int from, int to) throws IOException {
        Path lines = folder.resolve("lines");
        Files.write(
                lines,
                Stream.iterate(from, i -> i <= to, i -> i + 1).map(i -> "m" + i).toList());
        assertThat(run("put", "t", "--file", lines.toString()))
                .as(err::toString)
                .isZero();
    }

    @Test
    void whoWaitsForAHubThatIsNotThereSaysSo() {
        int nobody = Ports.free();
        for (List<String> command : List.of(
                List.of("get", "t", "--subscriber", "s", "--timeout", "2s"),
                List.of("subscribe", "t", "--subscriber", "s", "--timeout", "2s"),
                List.of("unsubscribe", "t", "--subscriber", "s", "--timeout", "2s", "--force"),
                List.of("put", "t", "x", "--timeout", "3s"))) {
            assertThat(run(nobody, nobody, command.toArray(String[]::new)))
                    .as(command.toString())
                    .isEqualTo(1);
            assertThat(err.toString())
                    .as(command.toString())
                    .contains(
                            "waiting: the hub at tcp://127.0.0.1:" + nobody + " was never heard",
                            "nobody listens there")
                    .doesNotContain("\tat ");
            assertThat(err.toString().lines().reduce((a, b) -> b).orElseThrow())
                    .as("the last line of " + command)
                    .contains("was never heard");
        }
    }

    /** In a process of its own, as the configuration of the log belongs to that. */
    @Test
    void whatACommandSaysItselfIsNotLoggedBesides() throws Exception {
        Path said = folder.resolve("said");
        Process put = new ProcessBuilder(JavaCommand.of(
                        List.of(),
                        Main.class,
                        "put",
                        "t",
                        "x",
                        "--timeout=1s",
                        "--hub=127.0.0.1:" + Ports.free() + "/" + Ports.free(),
                        "--data=" + folder.resolve("data")))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(put.waitFor(300, TimeUnit.SECONDS)).isTrue();
        } finally {
            put.destroyForcibly();
        }
        assertThat(put.exitValue()).isEqualTo(ExitCode.FAILED);
        assertThat(Files.readAllLines(said))
                .filteredOn(line -> !line.startsWith("waiting: "))
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("accepted 0 messages, could not deliver 1:"),
                        line -> assertThat(line).startsWith("  message 1: ").contains("was never heard"));
    }

    @Test
    void aHubThatIsNoHostIsAUsageErrorInOneLine() {
        for (String wrong : List.of("tcp://127.0.0.1:5570", "127.0.0.1:5570", "127.0.0.1:x", "a b", "")) {
            err.getBuffer().setLength(0);
            Path data = folder.resolve("data");
            assertThat(Main.run(
                            out,
                            new PrintWriter(err, true),
                            "put",
                            "t",
                            "x",
                            "--hub",
                            wrong,
                            "--data",
                            data.toString()))
                    .as(wrong)
                    .isEqualTo(2);
            assertThat(data).as("a usage error makes nothing").doesNotExist();
            assertThat(err.toString())
                    .as(wrong)
                    .contains("host=" + wrong, "10.0.0.1:5570/5571")
                    .hasLineCount(1);
        }
    }

    @Test
    void aFolderInPlaceOfAFileOfLinesIsNamed() {
        assertThat(run("put", "t", "--file", folder.toString())).isEqualTo(1);
        assertThat(err.toString()).contains(folder + " is a folder").hasLineCount(1);
    }

    @Test
    void whoShipsToNobodySaysSoAndDoesNotLogThatItShipped() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger("io.bactrian.ship");
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        String address = "tcp://127.0.0.1:" + Ports.free();
        Path from = Files.createDirectories(folder.resolve("from"));
        Files.writeString(from.resolve("file"), "x");
        try {
            assertThat(Main.run(
                            out,
                            new PrintWriter(err, true),
                            List.of(
                                            "ship",
                                            from.toString(),
                                            address,
                                            "--timeout",
                                            "3s",
                                            "--data",
                                            folder.resolve("data").toString())
                                    .toArray(String[]::new)))
                    .isEqualTo(1);
        } finally {
            logger.detachAppender(log);
            logger.setLevel(null);
        }
        assertThat(err.toString())
                .contains("waiting: the receiver at " + address + " was never heard: nobody listens there")
                .doesNotContain("\tat ");
        assertThat(err.toString().lines().reduce((a, b) -> b).orElseThrow())
                .as("the last line")
                .contains("the receiver has not answered", address);
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .anyMatch(line -> line.startsWith("not shipped folder="))
                .noneMatch(line -> line.contains("problems=0"));
    }

    @Test
    void whoHasAnotherSecurityThanTheHubIsTold() {
        String[] plain = {
            "--set", "bactrian.client.security=plain",
            "--set", "bactrian.client.security.plainUsername=anna",
            "--set", "bactrian.client.security.plainPassword=x"
        };
        List<String> get = new ArrayList<>(List.of("get", "t", "--subscriber", "s", "--timeout", "3s"));
        get.addAll(List.of(plain));
        assertThat(run(get.toArray(String[]::new))).isEqualTo(1);
        assertThat(err.toString()).contains("another security").doesNotContain("\tat ");
    }

    @Test
    void aTopicThatHasNothingIsNamed() {
        assertThat(run("get", "nosuchtopic", "--subscriber", "s")).isZero();
        assertThat(err.toString()).contains("no messages of nosuchtopic").hasLineCount(1);
    }

    @Test
    void whoWaitsForANumberOfMessagesSaysSo() throws Exception {
        StringWriter told = new StringWriter();
        CompletableFuture<Integer> get = CompletableFuture.supplyAsync(() -> Main.run(
                new ByteArrayOutputStream(),
                new PrintWriter(told, true),
                "get",
                "t",
                "--subscriber",
                "s",
                "--count",
                "2",
                "--hub",
                "127.0.0.1",
                "--publish-port",
                String.valueOf(hub.publishPort()),
                "--subscribe-port",
                String.valueOf(hub.subscribePort()),
                "--data",
                folder.resolve("data").toString()));
        await().atMost(LONG)
                .untilAsserted(
                        () -> assertThat(told.toString()).contains("waiting for messages of t: 0 of 2 have come"));
        put(1, 2);
        assertThat(get.get(60, TimeUnit.SECONDS)).as(told::toString).isZero();
    }

    @Test
    void aTopicThatCannotBeIsAUsageError() {
        for (String topic : List.of("", "x".repeat(256))) {
            for (List<String> command : List.of(
                    List.of("put", topic, "x"),
                    List.of("get", topic, "--subscriber", "s"),
                    List.of("subscribe", topic, "--subscriber", "s"),
                    List.of("unsubscribe", topic, "--subscriber", "s"),
                    List.of("tail", topic),
                    List.of("peek", topic))) {
                assertThat(run(command.toArray(String[]::new)))
                        .as(command.toString())
                        .isEqualTo(2);
                assertThat(err.toString())
                        .as(command.toString())
                        .contains("topic must have 1 to 255 octets, has " + topic.length())
                        .hasLineCount(1);
            }
        }
    }

    @Test
    void anUnsubscriptionOfWhatIsNotThereIsTold() {
        assertThat(run("subscribe", "t", "--subscriber", "s")).isZero();
        assertThat(run("unsubscribe", "u", "--subscriber", "s")).isEqualTo(1);
        assertThat(err.toString()).contains("s was not subscribed to u; it has [t]");
        assertThat(run("unsubscribe", "t", "--subscriber", "s")).isZero();
    }

    @Test
    void anotherDataFolderMayNotEndTheSubscriptionOfOneThatRuns() throws Exception {
        assertThat(run("subscribe", "t", "--subscriber", "s")).isZero();
        assertThat(run(
                        "unsubscribe",
                        "t",
                        "--subscriber",
                        "s",
                        "--data",
                        folder.resolve("other").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("No subscriber s in", "--force").hasLineCount(1);
        put(1, 1);
        assertThat(run("get", "t", "--subscriber", "s")).isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("m1\n");
    }

    @Test
    void aClientThatLostItsFolderGoesOnAfterWhatItHadAcknowledged() throws Exception {
        put(1, 10);
        assertThat(run("get", "t", "--subscriber", "s", "--count", "6")).isZero();
        for (String lost : List.of("data/client", "data")) {
            Folders.delete(folder.resolve(lost));
            assertThat(run("get", "t", "--subscriber", "s", "--count", "2", "--json"))
                    .isZero();
            assertThat(out.toString(UTF_8)).contains("\"redelivered\":true").hasLineCount(2);
        }
        assertThat(run("get", "t", "--subscriber", "s")).isZero();
        assertThat(out.toString(UTF_8)).isEmpty();
    }

    @Test
    void anOutputWithContentButWithoutACursorIsRefused() throws Exception {
        put(1, 3);
        Path file = folder.resolve("file");
        assertThat(run("get", "t", "--subscriber", "s", "--output", file.toString()))
                .isZero();
        Folders.delete(folder.resolve("data/client"));
        assertThat(run("get", "t", "--subscriber", "s", "--output", file.toString()))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("Refused", "no cursor of subscriber s", "--append")
                .hasLineCount(1);
        assertThat(Files.readAllLines(file)).containsExactly("m1", "m2", "m3");
        put(4, 4);
        assertThat(run("get", "t", "--subscriber", "s", "--output", file.toString(), "--append"))
                .isZero();
        assertThat(Files.readAllLines(file)).containsExactly("m1", "m2", "m3", "m4");
    }

    @Test
    void anOutputThatWasMovedAwayBeginsAnew() throws Exception {
        put(1, 3);
        Path file = folder.resolve("file");
        String[] get = {"get", "t", "--subscriber", "s", "--output", file.toString()};
        assertThat(run(get)).isZero();
        Files.move(file, folder.resolve("file.1"));
        put(4, 5);
        assertThat(run(get)).isZero();
        assertThat(Files.readAllLines(folder.resolve("file.1"))).containsExactly("m1", "m2", "m3");
        assertThat(Files.readAllLines(file)).containsExactly("m4", "m5");
    }

    @Test
    void anOutputThatIsMovedOrCutWhileItIsWrittenBeginsAnewWithoutAGap() throws Exception {
        Path file = folder.resolve("file");
        StringWriter told = new StringWriter();
        CompletableFuture<Integer> get = CompletableFuture.supplyAsync(() -> Main.run(
                new ByteArrayOutputStream(),
                new PrintWriter(told, true),
                "get",
                "t",
                "--subscriber",
                "s",
                "--output",
                file.toString(),
                "--count",
                "6",
                "--hub",
                "127.0.0.1",
                "--publish-port",
                String.valueOf(hub.publishPort()),
                "--subscribe-port",
                String.valueOf(hub.subscribePort()),
                "--data",
                folder.resolve("data").toString()));
        put(1, 2);
        awaitLines(file, 2, get, told);
        Files.move(file, folder.resolve("file.1"));
        put(3, 4);
        awaitLines(file, 2, get, told);
        Files.copy(file, folder.resolve("file.2"), StandardCopyOption.REPLACE_EXISTING);
        Files.write(file, new byte[0]);
        put(5, 6);
        assertThat(get.get(60, TimeUnit.SECONDS)).isZero();
        assertThat(Files.readAllLines(folder.resolve("file.1"))).containsExactly("m1", "m2");
        assertThat(Files.readAllLines(folder.resolve("file.2"))).containsExactly("m3", "m4");
        assertThat(Files.readAllLines(file)).containsExactly("m5", "m6");
    }

    private static void awaitLines(Path file, int count, CompletableFuture<Integer> get, StringWriter told) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(Files.exists(file) ? Files.readAllLines(file) : List.of())
                        .as("the output; the command has ended: %s, and told: %s", get.isDone(), told)
                        .hasSize(count));
    }

    @Test
    void aFileOfSomebodyElseIsRefusedInALine() throws Exception {
        put(1, 3);
        Path file = folder.resolve("file");
        String[] get = {"get", "t", "--subscriber", "s", "--output", file.toString()};
        assertThat(run(get)).isZero();
        Files.writeString(file, "m1\n");
        assertThat(run(get)).isEqualTo(1);
        assertThat(err.toString())
                .contains("is not the file of this subscriber, or was cut")
                .hasLineCount(1);
        assertThat(run("get", "t", "--subscriber", "s", "--output", folder.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("cannot be opened").hasLineCount(1);
    }

    @Test
    void whatSomebodyElseHasWrittenToAnOutputIsKept() throws Exception {
        put(1, 3);
        Path file = folder.resolve("file");
        String[] get = {"get", "t", "--subscriber", "s", "--output", file.toString()};
        assertThat(run(get)).isZero();
        Files.writeString(file, "a note\n", StandardOpenOption.APPEND);
        put(4, 4);
        assertThat(run(get)).isZero();
        assertThat(Files.readAllLines(file)).containsExactly("m1", "m2", "m3", "m4");
        assertThat(Files.readAllLines(folder.resolve("file.cut"))).containsExactly("a note");

        Files.writeString(file, "another file that is longer\n");
        put(5, 5);
        assertThat(run(get)).isEqualTo(1);
        assertThat(err.toString())
                .contains("it is not the file of this subscriber")
                .hasLineCount(1);
        assertThat(Files.readString(file)).isEqualTo("another file that is longer\n");
    }

    @Test
    void aLongSubscriberIdIsNoTrouble() throws Exception {
        put(1, 1);
        assertThat(run("get", "t", "--subscriber", "ü".repeat(127)))
                .as(err::toString)
                .isZero();
        assertThat(run("get", "t", "--subscriber", "x".repeat(255)))
                .as(err::toString)
                .isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("m1\n");
    }

    @Test
    void aWrongUseSaysWhatIsWrongAndWhereTheHelpIs() {
        for (List<String> command : List.of(
                List.of("get", "t", "--subscriber", "s", "--timeout=3"),
                List.of("get", "t"),
                List.of("get", "t", "--subscriber", "s", "--nonsense"),
                List.of("backup"),
                List.of("pair"),
                List.of("state"),
                List.of("put", "t", "x", "--file", "y"))) {
            assertThat(run(command.toArray(String[]::new)))
                    .as(command.toString())
                    .isEqualTo(2);
            assertThat(err.toString())
                    .as(command.toString())
                    .contains("See: bactrian " + command.get(0) + " --help")
                    .doesNotContain("Usage:");
        }
        run("get", "t", "--subscriber", "s", "--timeout=3");
        assertThat(err.toString()).contains("'3' must be a duration such as 500ms, 5s or 1h30m");
    }

    @Test
    void whatAPersonCanDoWrongTakesOneLine() throws Exception {
        Path file = Files.writeString(folder.resolve("no folder"), "x");
        for (List<String> command : List.of(
                List.of("put", "t", "x", "--data", file.toString()),
                List.of("get", "t", "--subscriber", "s", "--data", file.toString()),
                List.of("put", "t", "--file", folder.toString()),
                List.of("put", "t", "--file", folder.resolve("absent").toString()))) {
            assertThat(run(command.toArray(String[]::new)))
                    .as(command.toString())
                    .isIn(1, 2);
            assertThat(err.toString()).as(command.toString()).hasLineCount(1).doesNotContain("\tat ");
        }
    }
}
