package io.bactrian.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Main;
import io.bactrian.backup.core.BackupFolder;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import io.bactrian.wire.Cause;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub backs up while it works, and its backups are shipped: it is killed, all that it had is deleted, and it goes on. */
@Tag("slow")
class BackupShippedTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private final List<Child> children = new ArrayList<>();
    private final int publishPort = Ports.free();
    private final int subscribePort = Ports.free();
    private final String shipAddress = "tcp://127.0.0.1:" + Ports.free();
    private final List<String> settings = List.of(
            "bactrian.hub.publish=tcp://127.0.0.1:" + publishPort,
            "bactrian.hub.subscribe=tcp://127.0.0.1:" + subscribePort,
            "bactrian.hub.plain.in=tcp://127.0.0.1:" + Ports.free(),
            "bactrian.hub.plain.out=tcp://127.0.0.1:" + Ports.free(),
            "bactrian.hub.segment.bytes=64k",
            "bactrian.backup.intervalMs=50",
            "bactrian.backup.ship.intervalMs=50",
            "bactrian.ship.to=" + shipAddress,
            "bactrian.management.port=" + Ports.free());
    private final List<Lost> lost = new CopyOnWriteArrayList<>();

    @AfterEach
    void end() {
        children.forEach(Child::close);
    }

    @Test
    void whatWasShippedGoesOnElsewhere() throws Exception {
        Path received = folder.resolve("received");
        Child receiver = child(List.of(
                "run",
                "ship-receive",
                "--data",
                folder.resolve("there").toString(),
                "--set",
                "bactrian.ship.into=" + received,
                "--set",
                "bactrian.ship.receive=" + shipAddress,
                "--set",
                "bactrian.management.port=" + Ports.free()));
        Child hub = hub("here", folder.resolve("here/backup"), "backup", "backup-ship");
        try (Bactrian publisher = Bactrian.open(client("p").build());
                Bactrian other = Bactrian.open(client("q").build());
                Bactrian reader =
                        Bactrian.open(client("reader").lostListener(lost::add).build())) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, 0, 1_000);
            assertThat(take(reader, 1_000)).isEqualTo(numbers(0, 1_000));
            await().atMost(PATIENCE).ignoreExceptions().until(() -> shipped(received) >= 1_000);

            // What another publisher puts keeps backup and shipping at work when the hub is killed.
            List<CompletableFuture<Accepted>> busy = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                busy.add(other.put("u", new byte[100]));
            }
            putAll(publisher, 1_000, 1_500);
            assertThat(take(reader, 500)).isEqualTo(numbers(1_000, 1_500));
            hub.kill();
            receiver.kill();
            delete(folder.resolve("here"));

            assertThat(restore(received)).isZero();
            long end = endOf(folder.resolve("new/journal/hub"));
            assertThat(end).isGreaterThanOrEqualTo(1_000);
            hub("new", received, "backup");
            putAll(publisher, 1_500, 1_600);
            assertThat(take(reader, 100)).as("each once, and in order").isEqualTo(numbers(1_500, 1_600));
            for (CompletableFuture<Accepted> put : busy) {
                put.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            assertThat(lost).allSatisfy(range -> {
                assertThat(range.cause()).isEqualTo(Cause.CUT);
                assertThat(range.from())
                        .as("nothing that was restored is told as lost")
                        .isGreaterThan(end);
            });
            try (Bactrian newcomer = Bactrian.open(client("newcomer").build())) {
                newcomer.subscribe("t", Start.OLDEST);
                assertThat(take(newcomer, 1_000))
                        .as("what was shipped for sure")
                        .isEqualTo(numbers(0, 1_000));
                List<String> rest = new ArrayList<>();
                while (!rest.contains("1599")) {
                    rest.addAll(take(newcomer, 1));
                }
                int kept = rest.size() - 100;
                List<String> expected = new ArrayList<>(numbers(1_000, 1_000 + kept));
                expected.addAll(numbers(1_500, 1_600));
                assertThat(rest).isEqualTo(expected);
            }
        }
    }

    @Test
    void aKillLeavesEveryFinishedBackupWhole() throws Exception {
        Path backups = folder.resolve("backup");
        try (Bactrian publisher = Bactrian.open(client("p").build())) {
            List<CompletableFuture<Accepted>> puts = new ArrayList<>();
            for (int life = 0; life < 3; life++) {
                Child hub = hub("here", backups, "backup");
                int before = Files.isDirectory(backups)
                        ? BackupFolder.of(backups).list().size()
                        : 0;
                for (int i = 0; i < 20_000; i++) {
                    puts.add(publisher.put("t", new byte[100]));
                }
                await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                    // Where nothing has changed no backup is made.
                    puts.add(publisher.put("t", new byte[100]));
                    return BackupFolder.of(backups).list().size() >= before + 3;
                });
                hub.kill();
                BackupFolder folder = BackupFolder.of(backups);
                for (BackupFolder.Backup backup : folder.list()) {
                    assertThat(folder.verify(backup.id(), octets -> {})).isEmpty();
                }
            }
            assertThat(puts).isNotEmpty();
        }
    }

    private static long shipped(Path received) throws IOException {
        BackupFolder folder = BackupFolder.of(received);
        String id = folder.lastWhole(null, problem -> {});
        return folder.list().stream()
                .filter(backup -> backup.id().equals(id))
                .mapToLong(BackupFolder.Backup::end)
                .sum();
    }

    private static long endOf(Path log) {
        return io.bactrian.journal.log.JournalFolder.look(log).end();
    }

    /** The command, as an operator gives it. */
    private int restore(Path from) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(JavaCommand.of(
                        List.of(),
                        Main.class,
                        "restore",
                        from.toString(),
                        "--last-whole",
                        "--data",
                        folder.resolve("new").toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("restore.log").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Child hub(String data, Path backups, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run", "hub"));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("--data", folder.resolve(data).toString()));
        arguments.addAll(List.of("--set", "bactrian.backup.folder=" + backups));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return child(arguments);
    }

    private Child child(List<String> arguments) throws IOException {
        Child child = new Child(folder.resolve("log"), Main.class, arguments.toArray(String[]::new));
        children.add(child);
        return child;
    }

    private ClientSettings.Builder client(String id) {
        return ClientSettings.builder(id)
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(folder.resolve("client-" + id))
                .requestTime(PATIENCE)
                .blockTime(PATIENCE)
                .closeTime(Duration.ofSeconds(1));
    }

    private static void putAll(Bactrian publisher, int from, int to) throws Exception {
        List<CompletableFuture<Accepted>> puts = new ArrayList<>();
        for (int i = from; i < to; i++) {
            puts.add(publisher.put("t", String.valueOf(i).getBytes(StandardCharsets.UTF_8)));
        }
        for (CompletableFuture<Accepted> put : puts) {
            put.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toList();
    }

    private static List<String> take(Bactrian subscriber, int count) throws InterruptedException {
        List<String> got = new ArrayList<>();
        while (got.size() < count) {
            Message message = subscriber.get(PATIENCE);
            assertThat(message).as("after " + got.size() + " of " + count).isNotNull();
            got.add(new String(message.body(), StandardCharsets.UTF_8));
            subscriber.processed(message);
        }
        return got;
    }

    private static void delete(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
