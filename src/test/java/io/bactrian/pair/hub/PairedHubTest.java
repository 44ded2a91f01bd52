package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Home;
import io.bactrian.app.TestRouter;
import io.bactrian.discovery.routes.RegistryDirectory;
import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.PairPlugin;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Ports;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** Two hubs on a pair, by the shipped role, over real sockets and files. */
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
        Map<String, String> overrides = new HashMap<>(more);
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
        nodes.put(
                side,
                Application.start(Configuration.load(
                        new Home(Optional.of(Path.of("").toAbsolutePath())),
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
