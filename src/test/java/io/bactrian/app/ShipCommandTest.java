package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.ship.routes.FolderReceiver;
import io.bactrian.testing.OnTerminal;
import io.bactrian.testing.Ports;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The command {@code bactrian ship} as a person gives it, to a receiver from the shipped role. */
@Tag("slow")
class ShipCommandTest {
    @TempDir
    Path folder;

    private final String address = "tcp://127.0.0.1:" + Ports.free();
    private Path from;
    private Path into;
    private String out = "";
    private String err = "";

    @BeforeEach
    void prepare() throws IOException {
        from = Files.createDirectories(folder.resolve("from"));
        into = folder.resolve("into");
        Files.write(from.resolve("large"), random(3_000_000));
        Files.writeString(from.resolve("small"), "small");
        // So old that a change shows by the time.
        for (String name : List.of("large", "small")) {
            Files.setLastModifiedTime(from.resolve(name), FileTime.from(Instant.ofEpochSecond(1_600_000_000)));
        }
    }

    private static byte[] random(int length) {
        byte[] octets = new byte[length];
        new Random(length).nextBytes(octets);
        return octets;
    }

    private int ship(String... arguments) {
        return run(command(arguments));
    }

    private int run(List<String> command) {
        StringWriter outWriter = new StringWriter();
        StringWriter errWriter = new StringWriter();
        int code = BactrianCommand.commandLine()
                .setOut(new PrintWriter(outWriter))
                .setErr(new PrintWriter(errWriter))
                .execute(command.toArray(String[]::new));
        out = outWriter.toString();
        err = errWriter.toString();
        return code;
    }

    private List<String> command(String... arguments) {
        List<String> all = new ArrayList<>(List.of("ship", from.toString(), address));
        all.addAll(Arrays.asList(arguments));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        return all;
    }

    private Application receiver(String... settings) {
        return application(List.of("ship-receive"), settings);
    }

    private Application application(List<String> roles, String... settings) {
        Map<String, String> overrides = new HashMap<>();
        overrides.put("bactrian.data", folder.resolve("there").toString());
        overrides.put("bactrian.ship.into", into.toString());
        overrides.put("bactrian.ship.receive", address);
        overrides.put("camel.management.enabled", "false");
        for (String setting : settings) {
            overrides.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        return Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                roles,
                overrides,
                Map.of(),
                new Properties()));
    }

    private static void assertEqual(Path from, Path into) throws IOException {
        for (String name : List.of("large", "small")) {
            assertThat(Files.mismatch(from.resolve(name), into.resolve(name)))
                    .as(name)
                    .isEqualTo(-1);
        }
    }

    @Test
    void theReceiverIsFoundByItsName() throws Exception {
        try (TestRouter router = new TestRouter(folder.resolve("router"));
                Application receiver = application(
                        List.of("ship-receive", "register"),
                        "bactrian.discovery.node.routers=" + router.get("register"),
                        "bactrian.discovery.node.publications=" + router.get("publications"),
                        "bactrian.discovery.node.ping=tcp://127.0.0.1:" + Ports.free())) {
            assertThat(receiver.context().isStarted()).isTrue();
            assertThat(run(List.of(
                            "ship",
                            from.toString(),
                            "registry:receiver/ship",
                            "--data=" + folder.resolve("data"),
                            "--set=bactrian.discovery.registry.routers=" + router.get("register"))))
                    .as(err)
                    .isZero();
            assertEqual(from, into);
        }
    }

    /** The receiver registers, ships into a folder and stops; then it is somewhere else under the same name. */
    @Test
    void aSenderThatRunsFollowsAReceiverThatMoves() throws Exception {
        try (TestRouter router = new TestRouter(folder.resolve("router"))) {
            Application sender = null;
            try {
                for (String place : List.of("first", "second")) {
                    into = folder.resolve(place);
                    Files.writeString(from.resolve("small"), place);
                    try (Application receiver = application(
                            List.of("ship-receive", "register"),
                            "camel.main.name=" + place,
                            "bactrian.ship.receive=tcp://127.0.0.1:" + Ports.free(),
                            "bactrian.discovery.node.routers=" + router.get("register"),
                            "bactrian.discovery.node.publications=" + router.get("publications"),
                            "bactrian.discovery.node.ping=tcp://127.0.0.1:" + Ports.free())) {
                        assertThat(receiver.context().isStarted()).isTrue();
                        sender = sender == null ? sender(router) : sender;
                        await().atMost(Duration.ofSeconds(60))
                                .ignoreExceptions()
                                .untilAsserted(() -> assertEqual(from, into));
                    }
                }
            } finally {
                if (sender != null) {
                    sender.close();
                }
            }
        }
    }

    private Application sender(TestRouter router) {
        return application(
                List.of("ship-send"),
                "camel.main.name=sender",
                "bactrian.data=" + folder.resolve("data"),
                "bactrian.ship.folder=" + from,
                "bactrian.ship.to=registry:receiver/ship",
                "bactrian.ship.intervalMs=200",
                "bactrian.ship.giveUpMs=2000",
                "bactrian.discovery.registry.refreshMs=100",
                "bactrian.discovery.registry.routers=" + router.get("register"));
    }

    @Test
    void theSummaryIsLikeThatOfRsync() throws Exception {
        try (Application receiver = receiver()) {
            assertThat(ship()).as(err).isZero();
            assertEqual(from, into);
            assertThat(out.lines())
                    .anySatisfy(line -> assertThat(line).startsWith("Number of files: 2"))
                    .contains(
                            "Number of shipped files: 2",
                            "Number of deleted files: 0",
                            "Total file size: 3,000,005 bytes",
                            "Total shipped file size: 3,000,005 bytes",
                            "Literal data: 3,000,005 bytes",
                            "Matched data: 0 bytes")
                    .anySatisfy(line -> assertThat(line).matches("Total bytes sent: 3,00\\d,\\d{3}"))
                    .anySatisfy(line -> assertThat(line).matches("Total bytes received: [\\d,]+"))
                    .anySatisfy(line -> assertThat(line).matches(".* bytes/s, speedup is 1\\.00, took .* s"));

            byte[] changed = random(3_000_000);
            changed[1_000_000]++;
            Files.write(from.resolve("large"), changed);
            Files.writeString(into.resolve("old"), "goes");
            assertThat(ship("--json")).as(err).isZero();
            assertEqual(from, into);
            assertThat(into.resolve("old")).doesNotExist();
            assertThat(out.strip())
                    .startsWith("{")
                    .endsWith("}")
                    .contains("\"shipped\":1", "\"deleted\":1", "\"literalBytes\":2048", "\"problems\":[]");
            assertThat(receiver.context().isStopped()).isFalse();
        }
    }

    @Test
    void optionsSayWhatIsShippedWhere() throws Exception {
        try (Application receiver = receiver()) {
            assertThat(ship("--target", "a/b", "--append-only", "large", "--bandwidth", "100m"))
                    .as(err)
                    .isZero();
            assertEqual(from, into.resolve("a/b"));
            Files.writeString(into.resolve("a/b/old"), "stays");
            Files.write(from.resolve("large"), new byte[] {1}, StandardOpenOption.APPEND);
            assertThat(ship("--target", "a/b", "--append-only", "large", "--no-delete", "--json"))
                    .as(err)
                    .isZero();
            assertThat(out).contains("\"literalBytes\":1,", "\"deleted\":0");
            assertEqual(from, into.resolve("a/b"));
            assertThat(into.resolve("a/b/old")).hasContent("stays");
            assertThat(receiver.context().isStopped()).isFalse();
        }
    }

    @Test
    void theFolderIsTheOneThatIsNamed() throws Exception {
        assumeThat(File.separatorChar).isEqualTo('/');
        try (Application receiver = receiver()) {
            for (String end : List.of(" ", "{{x}}")) {
                Path other = Files.createDirectory(folder.resolve("from" + end));
                Files.writeString(other.resolve("file"), end);
                assertThat(run(List.of("ship", other.toString(), address)))
                        .as(err)
                        .isZero();
                assertThat(into.resolve("file")).hasContent(end);
                assertThat(into.resolve("small")).doesNotExist();
            }
            assertThat(receiver.context().isStopped()).isFalse();
        }
    }

    @Test
    void whatIsNotShippedIsToldAndTheCommandFails() throws Exception {
        Logger log = (Logger) LoggerFactory.getLogger(FolderReceiver.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        log.addAppender(logged);
        try (Application receiver = receiver("bactrian.ship.file.bytesMax=1000")) {
            assertThat(ship()).isEqualTo(ExitCode.FAILED);
            assertThat(out).contains("Number of shipped files: 1");
            assertThat(err).contains("not all was shipped", "large", "too-large");
            assertThat(into.resolve("small")).hasContent("small");
            assertThat(ship("--json")).isEqualTo(ExitCode.FAILED);
            assertThat(out).contains("\"problems\":[\"large: ");
            assertThat(receiver.context().isStopped()).isFalse();
        } finally {
            log.detachAppender(logged);
        }
        assertThat(logged.list.stream()
                        .map(ILoggingEvent::getFormattedMessage)
                        .filter(line -> line.startsWith("refused")))
                .as("the receiver's log, once a minute for each cause")
                .singleElement()
                .asString()
                .startsWith("refused cause=too-large folder=" + into + " count=1: large: the file is larger than 1000");
    }

    @Test
    void aReceiverThatIsNotThereIsGivenUp() {
        assertThat(ship("--timeout", "300ms")).isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("the receiver has not answered for", "ship-receive", address);
    }

    @Test
    void aWrongKeyFileIsToldInOneLine() throws Exception {
        Path key = Files.writeString(folder.resolve("key"), "nonsense");
        String options = "bactrian.ship.options=security=curve&curveKeyFile=" + key + "&curveServerKeyFile=" + key;
        assertThat(ship("--set", options)).isEqualTo(ExitCode.FAILED);
        assertThat(err.lines())
                .singleElement()
                .asString()
                .startsWith("Cannot start: ")
                .contains("curveKeyFile=" + key + " cannot be used");
    }

    @Test
    void wrongArgumentsAreSaid() throws Exception {
        assertThat(ship("--bandwidth", "fast")).isEqualTo(ExitCode.USAGE);
        assertThat(err).contains("--bandwidth=fast");
        assertThat(ship("--timeout", "soon")).isEqualTo(ExitCode.USAGE);
        assertThat(ship("--append-only", "*.{a,b}")).isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("appendOnly=*.{a ", "no comma");
        Files.delete(from.resolve("large"));
        Files.delete(from.resolve("small"));
        Files.delete(from);
        assertThat(ship()).isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("no such folder: " + from);
    }

    @Test
    void onATerminalThereIsAProgressBar() throws Exception {
        try (Application receiver = receiver()) {
            String seen = OnTerminal.run(folder, Main.class, command("--bandwidth", "2m"));
            assertEqual(from, into);
            assertThat(seen)
                    .as("while it goes on and when all is shipped")
                    .containsPattern("ship +\\d+% \\[.*KiB sent")
                    .containsPattern("ship +100% \\[=+\\] 2929/2929KiB .*KiB sent");
            assertThat(seen.indexOf("Number of files")).isGreaterThan(seen.indexOf("100%"));
            Files.write(from.resolve("large"), random(3_000_001));
            assertThat(OnTerminal.run(folder, Main.class, command("--json")))
                    .doesNotContain("%")
                    .contains("\"shipped\":1");
            assertThat(receiver.context().isStopped()).isFalse();
        }
    }

    @Test
    void ctrlCEndsTheProgressBarInOrder() throws Exception {
        try (Application receiver = receiver()) {
            String seen = OnTerminal.interrupt(folder, Main.class, command("--bandwidth", "100k"), "KiB sent");
            assertThat(seen).as("by a hook at the end of the process").endsWith("\r\n");
            assertThat(seen).doesNotContain("\tat ", "Number of files");
            assertThat(receiver.context().isStopped()).isFalse();
        }
    }
}
