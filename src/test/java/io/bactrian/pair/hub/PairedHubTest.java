package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.app.Main;
import io.bactrian.app.TestRouter;
import io.bactrian.backup.core.BackupReport;
import io.bactrian.discovery.routes.RegistryDirectory;
import io.bactrian.journal.log.Journal;
import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.PairPlugin;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Two hubs on a pair, by the shipped role, over real sockets and files. */
@Tag("slow")
class PairedHubTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, Application> nodes = new LinkedHashMap<>();

    @AfterEach
    void stop() {
        nodes.values().forEach(Application::close);
    }

    private String port(String name) {
        return String.valueOf(ports.computeIfAbsent(name, key -> Ports.free()));
    }

    private void start(String side) {
        start(side, List.of("hub-pair"), Map.of());
    }

    private void start(String side, List<String> roles, Map<String, String> more) {
        Map<String, String> overrides = new HashMap<>();
        overrides.put("bactrian.data", folder.resolve(side).toString());
        overrides.put("bactrian.pair.side", side);
        overrides.put("bactrian.pair.heartbeatMs", "500");
        for (String name : List.of("primary.beats", "primary.copies", "backup.beats", "backup.copies")) {
            overrides.put("bactrian.pair." + name, port(name));
        }
        overrides.put("bactrian.hub.publish", "tcp://127.0.0.1:" + port(side + " publish"));
        overrides.put("bactrian.hub.subscribe", "tcp://127.0.0.1:" + port(side + " subscribe"));
        overrides.put("bactrian.hub.plain.in", "tcp://127.0.0.1:" + port(side + " in"));
        overrides.put("bactrian.hub.plain.out", "tcp://127.0.0.1:" + port(side + " out"));
        overrides.put("camel.management.enabled", "false");
        overrides.put("camel.main.name", side);
        overrides.putAll(more);
        nodes.put(
                side,
                Application.start(Configuration.load(
                        new Installation(Optional.of(Path.of("").toAbsolutePath())),
                        roles,
                        overrides,
                        Map.of(),
                        new Properties())));
    }

    private Pair pair(String side) {
        return nodes.get(side).context().getRegistry().lookupByNameAndType(PairPlugin.PAIR, Pair.class);
    }

    private void awaitInStep(String active) {
        await().atMost(PATIENCE)
                .until(() -> pair(active).active()
                        && "IN".equals(pair(active).figures().get("peerStanding")));
    }

    /** The node that is active, once the other is in step. */
    private String awaitInStep() {
        await().atMost(PATIENCE)
                .until(() -> nodes.keySet().stream()
                        .anyMatch(side -> pair(side).active()
                                && "IN".equals(pair(side).figures().get("peerStanding"))));
        return nodes.keySet().stream()
                .filter(side -> pair(side).active())
                .findFirst()
                .orElseThrow();
    }

    private ClientSettings client(String id, String... sides) {
        List<String> hosts = new ArrayList<>();
        for (String side : sides) {
            hosts.add("127.0.0.1:" + port(side + " publish") + "/" + port(side + " subscribe"));
        }
        return ClientSettings.builder(id)
                .host(String.join(",", hosts))
                .data(folder.resolve("client-" + id))
                .requestTime(Duration.ofSeconds(60))
                .closeTime(Duration.ofSeconds(5))
                .build();
    }

    private void startRegistered(String side, TestRouter router) {
        start(
                side,
                List.of("hub-pair", "register"),
                Map.of(
                        "bactrian.discovery.node.routers",
                        router.get("register"),
                        "bactrian.discovery.node.publications",
                        router.get("publications"),
                        "bactrian.discovery.node.refreshMs",
                        "200",
                        "bactrian.discovery.node.ping",
                        "tcp://127.0.0.1:" + port(side + " ping")));
    }

    /** The clients know a name and a router, and no address of a hub. */
    @Test
    void clientsFindTheActiveHubByItsNameAndFollowItWhenItMoves() throws Exception {
        try (TestRouter router = new TestRouter(folder.resolve("router"));
                RegistryDirectory directory = RegistryDirectory.alone(List.of(router.get("register")), 50)) {
            startRegistered("primary", router);
            startRegistered("backup", router);
            awaitInStep("primary");
            try (Bactrian publisher = Bactrian.open(byName("p", directory));
                    Bactrian subscriber = Bactrian.open(byName("s", directory))) {
                subscriber.subscribe("t", Start.OLDEST);
                put(publisher, 0, 50);
                get(subscriber, 0, 50);
                pair("primary").switchOver();
                put(publisher, 50, 100);
                get(subscriber, 50, 100);
                assertThat(pair("backup").active()).isTrue();
                awaitInStep("backup");
                nodes.remove("backup").close();
                put(publisher, 100, 150);
                get(subscriber, 100, 150);
                assertThat(pair("primary").active()).isTrue();
            }
        }
    }

    private ClientSettings byName(String id, RegistryDirectory directory) {
        return ClientSettings.builder(id)
                .host("registry:hub")
                .directory(directory)
                .data(folder.resolve("client-" + id))
                .requestTime(Duration.ofSeconds(60))
                .closeTime(Duration.ofSeconds(5))
                .build();
    }

    private static void put(Bactrian publisher, int from, int to) throws Exception {
        List<CompletableFuture<Accepted>> puts = new ArrayList<>();
        for (int i = from; i < to; i++) {
            puts.add(publisher.put("t", String.valueOf(i).getBytes(StandardCharsets.UTF_8)));
        }
        for (CompletableFuture<Accepted> put : puts) {
            put.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static void get(Bactrian subscriber, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            Message message = subscriber.get(PATIENCE);
            assertThat(message).as("message " + i).isNotNull();
            assertThat(new String(message.body(), StandardCharsets.UTF_8)).isEqualTo(String.valueOf(i));
            subscriber.processed(message);
        }
    }

    @Test
    void clientsGoOnAtTheOtherHubAndGetEachMessageOnce() throws Exception {
        start("primary");
        start("backup");
        awaitInStep("primary");
        try (Bactrian publisher = Bactrian.open(client("p", "primary", "backup"));
                Bactrian subscriber = Bactrian.open(client("s", "primary", "backup"))) {
            subscriber.subscribe("t", Start.OLDEST);
            put(publisher, 0, 100);
            get(subscriber, 0, 50);

            pair("primary").switchOver();
            put(publisher, 100, 200);
            assertThat(pair("backup").active()).isTrue();
            get(subscriber, 50, 200);

            awaitInStep("backup");
            nodes.remove("backup").close();
            put(publisher, 200, 300);
            get(subscriber, 200, 300);
            assertThat(pair("primary").active()).isTrue();
        }
    }

    @Test
    void aSubscriberWaitsForWhatIsDamagedUntilItIsFetchedFromThePeer() throws Exception {
        Map<String, String> slowly =
                Map.of("bactrian.pair.scrub.bytes", "4096", "bactrian.pair.scrub.intervalMs", "1000");
        start("primary");
        start("backup");
        awaitInStep("primary");
        try (Bactrian publisher = Bactrian.open(client("p", "primary", "backup"))) {
            put(publisher, 0, 3_000);
        }
        nodes.values().forEach(Application::close);
        nodes.clear();
        start("primary", List.of("hub-pair"), slowly); // so that nothing is in memory
        start("backup", List.of("hub-pair"), slowly);
        String active = awaitInStep();
        Journal journal = pair(active).journal();
        Path segment = journal.folder().resolve(journal.segments().get(0).file());
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(file.length() * 2 / 3);
            file.write(new byte[100]);
        }
        try (Bactrian subscriber = Bactrian.open(client("s", "primary", "backup"))) {
            subscriber.subscribe("t", Start.OLDEST);
            get(subscriber, 0, 3_000);
        }
        assertThat(pair(active).active()).as("nobody has to take over").isTrue();
        // Readers go on as soon as the segment is whole, and it is counted after that.
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(pair(active).figures()).containsEntry("repaired", 1L);
            assertThat(journal.problem()).isNull();
        });
    }

    private Map<String, String> backups(String side, String heartbeatMs) {
        return Map.of(
                "bactrian.pair.heartbeatMs",
                heartbeatMs,
                "bactrian.backup.folder",
                folder.resolve("backups-of-" + side).toString(),
                "bactrian.backup.intervalMs",
                "86400000");
    }

    private BackupReport backUp(String side) {
        return nodes.get(side)
                .context()
                .createProducerTemplate()
                .requestBody("direct:back-up", null, BackupReport.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"primary", "backup"})
    void aBackupOfEitherNodeIsRestoredOntoOneAndTheOtherJoins(String backedUp) throws Exception {
        for (String side : List.of("primary", "backup")) {
            start(side, List.of("hub-pair", "backup"), backups(side, "500"));
        }
        awaitInStep("primary");
        try (Bactrian publisher = Bactrian.open(client("p", "primary", "backup"));
                Bactrian subscriber = Bactrian.open(client("s", "primary", "backup"))) {
            subscriber.subscribe("t", Start.OLDEST);
            put(publisher, 0, 100);
            get(subscriber, 0, 100);
            long end = pair("primary").committed();
            await().atMost(PATIENCE).until(() -> pair(backedUp).committed() >= end);
            assertThat(backUp(backedUp).end()).isGreaterThanOrEqualTo(end);
        }
        nodes.values().forEach(Application::close);
        nodes.clear();
        for (String side : List.of("primary", "backup")) {
            FileSystemUtils.deleteRecursively(folder.resolve(side));
        }
        Process restore = new ProcessBuilder(JavaCommand.of(
                        List.of(),
                        Main.class,
                        "restore",
                        folder.resolve("backups-of-" + backedUp).toString(),
                        "--data",
                        folder.resolve("primary").toString()))
                .inheritIO()
                .start();
        assertThat(restore.waitFor()).isZero();
        start("primary");
        start("backup");
        awaitInStep("primary");
        try (Bactrian publisher = Bactrian.open(client("p", "primary", "backup"));
                Bactrian subscriber = Bactrian.open(client("new", "primary", "backup"))) {
            subscriber.subscribe("t", Start.OLDEST);
            get(subscriber, 0, 100);
            put(publisher, 100, 150);
            get(subscriber, 100, 150);
        }
    }

    @Test
    void aBackupHoldsNothingThatThePeerHasNot() throws Exception {
        // The backup is closed and the primary is backed up before two of these are over, also on a loaded machine.
        String heartbeatMs = "8000";
        start("primary", List.of("hub-pair", "backup"), backups("primary", heartbeatMs));
        start("backup", List.of("hub-pair", "backup"), backups("backup", heartbeatMs));
        awaitInStep("primary");
        try (Bactrian publisher = Bactrian.open(client("p", "primary"))) {
            put(publisher, 0, 10);
            nodes.remove("backup").close();
            long end = pair("primary").journal().end();
            CompletableFuture<Accepted> put = publisher.put("t", "alone".getBytes(StandardCharsets.UTF_8));
            await().atMost(PATIENCE).until(() -> pair("primary").journal().syncedEnd() > end);
            long committed = pair("primary").committed();
            BackupReport report = backUp("primary");
            assertThat(put).as("the peer does not count as dead yet").isNotDone();
            assertThat(report.end())
                    .isGreaterThanOrEqualTo(committed)
                    .isLessThan(pair("primary").journal().end());
            put.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(backUp("primary").end())
                    .isEqualTo(pair("primary").journal().end());
        }
    }

    /** The next number that a plain SUB gets; empty if none comes in time. */
    private static String plain(ZMQ.Socket subscriber, int timeoutMs) {
        subscriber.setReceiveTimeOut(timeoutMs);
        byte[] topic = subscriber.recv();
        return topic == null ? "" : new String(subscriber.recv(), StandardCharsets.UTF_8);
    }

    @Test
    void plainPeersThatAreConnectedToBothGetEachMessageOnceAlsoAfterASwitch() throws Exception {
        start("primary");
        start("backup");
        awaitInStep("primary");
        try (ZContext sockets = new ZContext()) {
            ZMQ.Socket publisher = sockets.createSocket(SocketType.PUB);
            ZMQ.Socket subscriber = sockets.createSocket(SocketType.SUB);
            subscriber.subscribe("plain");
            // JeroMQ's first handshake may hang.
            publisher.setHandshakeIvl(300);
            subscriber.setHandshakeIvl(300);
            for (String side : List.of("primary", "backup")) {
                publisher.connect("tcp://127.0.0.1:" + port(side + " in"));
                subscriber.connect("tcp://127.0.0.1:" + port(side + " out"));
            }
            int next = 0;
            for (String active : List.of("primary", "backup")) {
                if (active.equals("backup")) {
                    pair("primary").switchOver();
                    awaitInStep("backup");
                }
                int probe = next;
                await().atMost(PATIENCE).until(() -> {
                    publisher.sendMore("plain");
                    publisher.send("probe-" + probe);
                    return plain(subscriber, 100).startsWith("probe-");
                });
                for (int i = 0; i < 50; i++) {
                    publisher.sendMore("plain");
                    publisher.send(String.valueOf(next + i));
                }
                for (int i = 0; i < 50; i++, next++) {
                    String got = plain(subscriber, 60_000);
                    while (got.startsWith("probe-")) {
                        got = plain(subscriber, 60_000);
                    }
                    assertThat(got).isEqualTo(String.valueOf(next));
                }
                assertThat(plain(subscriber, 500)).as("nothing comes twice").isEmpty();
            }
        }
    }

    @Test
    void hubsWithADatabaseOfAnotherLogMakeItAnewAndServe() throws Exception {
        start("primary");
        start("backup");
        awaitInStep("primary");
        try (Bactrian publisher = Bactrian.open(client("p", "primary", "backup"))) {
            put(publisher, 0, 10);
        }
        nodes.values().forEach(Application::close);
        nodes.clear();
        for (String side : List.of("primary", "backup")) {
            Path journal = folder.resolve(side + "/journal");
            assertThat(journal).isDirectory();
            FileSystemUtils.deleteRecursively(journal);
            start(side);
        }
        awaitInStep("primary");
        try (Bactrian publisher = Bactrian.open(client("q", "primary", "backup"));
                Bactrian subscriber = Bactrian.open(client("s", "primary", "backup"))) {
            subscriber.subscribe("t", Start.OLDEST);
            put(publisher, 100, 150);
            get(subscriber, 100, 150);
        }
    }
}
