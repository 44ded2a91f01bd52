package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalFolder;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.SegmentInfo;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Folders;
import io.bactrian.testing.Ports;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Cause;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bit of a hub's log has flipped: who needs it is told, nobody else is held up, and a repair costs what is damaged and no more. */
@Tag("slow")
class DamagedLogTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MESSAGES = 60;

    @TempDir
    Path folder;

    private final int publishPort = Ports.free();
    private final int subscribePort = Ports.free();
    private final Map<String, String> settings = new HashMap<>(Map.of(
            "bactrian.hub.publish", "tcp://127.0.0.1:" + publishPort,
            "bactrian.hub.subscribe", "tcp://127.0.0.1:" + subscribePort,
            "bactrian.hub.plain.in", "tcp://127.0.0.1:" + Ports.free(),
            "bactrian.hub.plain.out", "tcp://127.0.0.1:" + Ports.free(),
            "bactrian.hub.segment.bytes", "4k",
            "bactrian.hub.tail.bytes", "0",
            "camel.management.enabled", "false"));

    private final List<Lost> lost = new CopyOnWriteArrayList<>();
    private String out = "";
    private String err = "";

    private Path log() {
        return folder.resolve("data/journal/hub");
    }

    private Application start() {
        Map<String, String> overrides = new HashMap<>(settings);
        overrides.put("bactrian.data", folder.resolve("data").toString());
        return Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("hub"),
                overrides,
                Map.of(),
                new Properties()));
    }

    private ClientSettings.Builder client(String id) {
        return ClientSettings.builder(id)
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(folder.resolve("client-" + id))
                .requestTime(PATIENCE)
                .lostListener(lost::add);
    }

    private int run(String... arguments) {
        StringWriter outWriter = new StringWriter();
        StringWriter errWriter = new StringWriter();
        int code = BactrianCommand.commandLine()
                .setOut(new PrintWriter(outWriter))
                .setErr(new PrintWriter(errWriter))
                .execute(arguments);
        out = outWriter.toString();
        err = errWriter.toString();
        return code;
    }

    private int get(Path output) {
        return run(
                "get",
                "t",
                "--subscriber",
                "s",
                "--output",
                output.toString(),
                "--data",
                folder.resolve("client-get").toString(),
                "--subscribe-port",
                String.valueOf(subscribePort),
                "--publish-port",
                String.valueOf(publishPort));
    }

    /** Messages of t and u by turns, each in a batch of its own; returns the position of the one that is damaged then. */
    private long putAndDamage(int damaged) throws Exception {
        try (Application hub = start();
                Bactrian publisher = Bactrian.open(client("p").build())) {
            assertThat(hub.context().isStarted()).isTrue();
            for (int i = 0; i < MESSAGES; i++) {
                byte[] body = (i + "-" + "x".repeat(200)).getBytes(StandardCharsets.UTF_8);
                publisher.put("t", body).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                publisher.put("u", body).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
        if (damaged < 0) {
            return 0;
        }
        long position = positionOf(damaged);
        flip(position, (damaged + "-xxx").getBytes(StandardCharsets.UTF_8));
        return position;
    }

    /** Of a message of t; between the messages stands what the hub itself logs. */
    private long positionOf(int number) {
        String text = number + "-xxx";
        try (Journal journal = Journal.open(log(), JournalSettings.defaults())) {
            for (long position = 1; position <= journal.end(); ) {
                for (Entry entry : journal.read(position, 1 << 20)) {
                    Batch batch = Batch.parseTrusted(entry.payload());
                    if (batch.topic().equals("t")
                            && new String(batch.records().get(0), StandardCharsets.UTF_8).startsWith(text)) {
                        return entry.position();
                    }
                    position = entry.last() + 1;
                }
            }
        }
        throw new AssertionError("no message " + number);
    }

    private void flip(long position, byte[] text) throws IOException {
        SegmentInfo segment = JournalFolder.look(log()).segments().stream()
                .filter(s -> s.firstPosition() <= position && position <= s.lastPosition())
                .findFirst()
                .orElseThrow();
        assertThat(segment.closed()).isTrue();
        Path file = log().resolve(segment.file());
        byte[] bytes = Files.readAllBytes(file);
        for (int at = 0; at < bytes.length - text.length; at++) {
            if (java.util.Arrays.equals(bytes, at, at + text.length, text, 0, text.length)) {
                bytes[at + text.length - 1] ^= 1;
                Files.write(file, bytes);
                return;
            }
        }
        throw new AssertionError("no " + position + " in " + file);
    }

    private static List<String> take(Bactrian reader, int count) throws InterruptedException {
        List<String> got = new ArrayList<>();
        while (got.size() < count) {
            Message message = reader.get(PATIENCE);
            assertThat(message).as("after " + got).isNotNull();
            String text = new String(message.body(), StandardCharsets.UTF_8);
            got.add(text.substring(0, text.indexOf('-')));
            reader.processed(message);
        }
        return got;
    }

    private static List<String> numbers(int from, int to) {
        return Stream.iterate(from, i -> i + 1)
                .limit(to - from)
                .map(String::valueOf)
                .toList();
    }

    private static HealthCheck.Result health(Application hub) {
        return HealthCheckRegistry.get(hub.context())
                .getCheck("hub")
                .orElseThrow()
                .call();
    }

    @Test
    void whoNeedsADamagedPartIsToldAndGetsAllTheRestAfterARepair() throws Exception {
        int damaged = 20;
        long position = putAndDamage(damaged);
        Path output = folder.resolve("output");
        try (Application hub = start();
                Bactrian others = Bactrian.open(client("others").build())) {
            assertThat(get(output)).as(err).isEqualTo(ExitCode.FAILED);
            assertThat(err).contains("damaged", "bactrian journal repair");
            assertThat(Files.readAllLines(output))
                    .hasSize(damaged)
                    .last()
                    .asString()
                    .startsWith("19-");
            others.subscribe("t", Start.NOW);
            try (Bactrian waiting = Bactrian.open(client("w").build());
                    Bactrian publisher = Bactrian.open(client("p").build())) {
                waiting.subscribe("t", Start.OLDEST);
                take(waiting, damaged);
                await().atMost(PATIENCE).until(() -> health(hub).getState() == HealthCheck.State.DOWN);
                assertThat(health(hub).getMessage().orElseThrow()).contains("w (t)");
                publisher
                        .put("t", "60-more".getBytes(StandardCharsets.UTF_8))
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            assertThat(take(others, 1)).as("nobody else is held up").containsExactly("60");
            assertThat(run("journal", "repair", log().toString(), "--write")).isEqualTo(ExitCode.USAGE);
            assertThat(err).contains("the journal is open");
        }
        assertThat(run("journal", "verify", log().toString())).isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("bactrian journal repair " + log());
        Map<Path, Long> before = sizes();
        assertThat(run("journal", "repair", log().toString())).isEqualTo(ExitCode.FAILED);
        assertThat(out).contains("lost: positions " + position + "\n", "nothing was changed");
        assertThat(sizes()).isEqualTo(before);
        assertThat(run("journal", "repair", log().toString(), "--write", "--json"))
                .as(err)
                .isZero();
        assertThat(out).contains("\"lost\":[{", "\"repaired\":true", "hub.damaged-");
        assertThat(run("journal", "verify", log().toString())).as(out).isZero();

        try (Application hub = start()) {
            assertThat(get(output)).as(err).isZero();
            assertThat(Files.readAllLines(output).stream()
                            .map(line -> line.substring(0, line.indexOf('-')))
                            .toList())
                    .isEqualTo(without(damaged, 61));
            try (Bactrian waiting = Bactrian.open(client("w").build())) {
                assertThat(take(waiting, 40)).isEqualTo(without(damaged, 61).subList(20, 60));
                assertThat(lost).containsExactly(new Lost("w", position, position, Cause.DAMAGED));
            }
            assertThat(health(hub).getState()).isEqualTo(HealthCheck.State.UP);
        }
    }

    private Map<Path, Long> sizes() throws IOException {
        Map<Path, Long> sizes = new HashMap<>();
        try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sizes.put(file, Files.size(file));
            }
        }
        return sizes;
    }

    private static List<String> without(int damaged, int to) {
        List<String> all = new ArrayList<>(numbers(0, to));
        all.remove(String.valueOf(damaged));
        return all;
    }

    @Test
    void aHubThatSkipsDamageTellsExactlyWhatIsLostAndGoesOn() throws Exception {
        int damaged = 25;
        long position = putAndDamage(damaged);
        settings.put("bactrian.hub.onDamage", "skip");
        try (Application hub = start();
                Bactrian reader = Bactrian.open(client("r").build());
                Bactrian late = Bactrian.open(client("late").build())) {
            reader.subscribe("t", Start.OLDEST);
            assertThat(take(reader, MESSAGES - 1)).isEqualTo(without(damaged, MESSAGES));
            assertThat(lost).containsExactly(new Lost("r", position, position, Cause.DAMAGED));
            late.subscribe("t", Start.at(position + 1));
            take(late, 10);
            assertThat(lost).as("it begins after it").hasSize(1);
            assertThat(health(hub).getState()).isEqualTo(HealthCheck.State.UP);
        }
    }

    @Test
    void aNewestSegmentThatWasEmptiedStopsTheStartWithANextStep() throws Exception {
        putAndDamage(1);
        List<SegmentInfo> segments = JournalFolder.look(log()).segments();
        Path newest = log().resolve(segments.get(segments.size() - 1).file());
        Files.write(newest, new byte[0]);
        assertThat(run("journal", "verify", log().toString())).isEqualTo(ExitCode.FAILED);
        assertThat(out).contains(newest.toString(), "emptied");
        assertThatThrownBy(this::start).hasMessageContaining("bactrian journal repair " + log());
        assertThat(run("journal", "repair", log().toString(), "--write"))
                .as(err)
                .isZero();
        try (Application hub = start();
                Bactrian reader = Bactrian.open(client("r").build())) {
            assertThat(hub.context().isStarted()).isTrue();
            reader.subscribe("t", Start.OLDEST);
            take(reader, 10);
        }
    }

    /** Wherever a bit flips in what a hub keeps: it starts and has everything, or says what to do. */
    @Test
    void aFlipInAnyFileOfTheDataFolderLosesNothingInSilence() throws Exception {
        flipEverywhere(3, 1);
    }

    @Test
    @Tag("campaign")
    void manyFlipsInAnyFileOfTheDataFolderLoseNothingInSilence() throws Exception {
        flipEverywhere(31, 5);
    }

    private void flipEverywhere(int inTheDatabase, int inOthers) throws Exception {
        putAndDamage(-1);
        Path whole = folder.resolve("whole");
        Files.move(folder.resolve("data"), whole);
        int at = 0;
        List<Path> some = new ArrayList<>(files(whole));
        if (inOthers == 1) { // of the segments the first and the last
            List<Path> segments =
                    some.stream().filter(f -> f.toString().endsWith(".segment")).toList();
            some.removeAll(segments.subList(1, segments.size() - 1));
        }
        for (Path file : some) {
            int size = (int) Files.size(file);
            // Of a database many places, as pages that nobody needs any more may be damaged.
            int flips = file.toString().endsWith(".db") ? inTheDatabase : inOthers;
            for (int part = 1; part <= flips && size > 0; part++) {
                Folders.copy(whole, folder.resolve("data"));
                Path flipped = folder.resolve("data").resolve(whole.relativize(file));
                int place = Math.min(size - 1, (int) ((long) size * part / (flips + 1)) + at++ % 7);
                flip(flipped, place);
                assertWholeOrTold(flipped + " byte " + place);
                Folders.delete(folder.resolve("data"));
            }
        }
        assertThat(at).isGreaterThanOrEqualTo(7);
    }

    private static void flip(Path file, int place) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[place] ^= 1;
        Files.write(file, bytes);
    }

    private void assertWholeOrTold(String flip) throws Exception {
        String id = "r" + System.nanoTime();
        try (Application hub = start();
                Bactrian reader = Bactrian.open(client(id).build())) {
            reader.subscribe("t", Start.OLDEST);
            reader.subscribe("u", Start.OLDEST);
            int got = 0;
            while (got < 2 * MESSAGES && health(hub).getState() == HealthCheck.State.UP) {
                Message message = reader.get(Duration.ofMillis(100));
                if (message != null) {
                    reader.processed(message);
                    got++;
                }
            }
            if (got < 2 * MESSAGES) {
                assertThat(health(hub).getMessage().orElseThrow()).as(flip).contains(id);
                assertThat(hub.context()
                                .getCamelContextExtension()
                                .getContextPlugin(HealthCheckRegistry.class)
                                .getCheck("journal-hub")
                                .orElseThrow()
                                .call()
                                .getMessage()
                                .orElseThrow())
                        .as(flip)
                        .contains("bactrian journal repair");
            }
        } catch (CommandFailedException e) {
            assertThat(e).as(flip).hasMessageContaining("; next: ");
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
