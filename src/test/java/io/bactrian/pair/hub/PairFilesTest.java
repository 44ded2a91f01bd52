package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.PairPlugin;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Folders;
import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bit flips in each file that a hub on a pair has, while the hub runs: it goes on, its peer takes over from it, and its next start
 * mends the file or says what to do. What was accepted is got once and in order.
 */
@Tag("slow")
class PairFilesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int MESSAGES = 40;
    private static final String SEGMENT = " segment";
    private static final String OLDEST = "oldest" + SEGMENT;
    private static final String NEWEST = "newest" + SEGMENT;

    @TempDir
    Path folder;

    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, Application> nodes = new LinkedHashMap<>();
    private final Map<String, Integer> starts = new HashMap<>();
    private int put;

    @AfterEach
    void stop() {
        nodes.values().forEach(Application::close);
    }

    private int port(String name) {
        return ports.computeIfAbsent(name, key -> Ports.free());
    }

    private Path data(String node) {
        return folder.resolve(node + starts.getOrDefault(node, 0));
    }

    private static String tcp(int port) {
        return "tcp://127.0.0.1:" + port;
    }

    private void start(String name) {
        Map<String, String> overrides = new HashMap<>();
        overrides.put("bactrian.data", data(name).toString());
        overrides.put("bactrian.management.port", String.valueOf(port(name + " management")));
        overrides.put("camel.main.name", name);
        overrides.put("bactrian.witness.listen", tcp(port("witness")));
        overrides.put("bactrian.pair.witness", tcp(port("witness")));
        overrides.put("bactrian.pair.witness.use", "true");
        overrides.put("bactrian.pair.side", name.equals("witness") ? "primary" : name);
        overrides.put("bactrian.pair.heartbeatMs", "1000");
        overrides.put("bactrian.pair.scrub.intervalMs", "20");
        for (String key : List.of("primary.beats", "primary.copies", "backup.beats", "backup.copies")) {
            overrides.put("bactrian.pair." + key, String.valueOf(port(key)));
        }
        for (String key : List.of("publish", "subscribe", "plain.in", "plain.out")) {
            overrides.put("bactrian.hub." + key, tcp(port(name + " " + key)));
        }
        overrides.put("bactrian.hub.segment.bytes", "4k");
        overrides.put("bactrian.hub.tail.bytes", "0");
        overrides.put("bactrian.hub.keep.intervalMs", "100");
        nodes.put(
                name,
                Application.start(Configuration.load(
                        new Installation(Optional.of(Path.of("").toAbsolutePath())),
                        List.of(name.equals("witness") ? "witness" : "hub-pair"),
                        overrides,
                        Map.of(),
                        new Properties())));
    }

    private void stop(String name) {
        nodes.remove(name).close();
    }

    private Pair pair(String side) {
        return nodes.get(side).context().getRegistry().lookupByNameAndType(PairPlugin.PAIR, Pair.class);
    }

    /** Both run, one is active, and the other is in step; returns which is active. */
    private String awaitInStep() {
        return await().atMost(PATIENCE)
                .until(
                        () -> Stream.of("primary", "backup")
                                .filter(side -> "IN".equals(pair(side).figures().get("peerStanding")))
                                .findFirst()
                                .orElse(""),
                        active -> !active.isEmpty());
    }

    /** On a loaded machine a switch may take too long, and is then to be asked for again. */
    private void switchTo(String node) {
        Pair other = pair(PairProcesses.other(node));
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IllegalStateException.class)
                .until(() -> {
                    if (!pair(node).active()) {
                        other.switchOver();
                    }
                    return pair(node).active();
                });
    }

    private ClientSettings client(String id) {
        List<String> hosts = Stream.of("primary", "backup")
                .map(side -> "127.0.0.1:" + port(side + " publish") + "/" + port(side + " subscribe"))
                .toList();
        return ClientSettings.builder(id)
                .host(String.join(",", hosts))
                .data(folder.resolve("client-" + id))
                .requestTime(PATIENCE)
                .build();
    }

    private void put(Bactrian publisher) throws Exception {
        List<CompletableFuture<?>> puts = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++, put++) {
            String body = put + "-" + "x".repeat(100);
            puts.add(publisher.put("t", body.getBytes(StandardCharsets.UTF_8)));
        }
        for (CompletableFuture<?> one : puts) {
            one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void get(Bactrian subscriber, int from, String as) throws Exception {
        for (int i = from; i < put; i++) {
            Message message = subscriber.get(PATIENCE);
            assertThat(message).as("%s: message %d", as, i).isNotNull();
            assertThat(new String(message.body(), StandardCharsets.UTF_8))
                    .as(as)
                    .startsWith(i + "-");
            subscriber.processed(message);
        }
    }

    /** The files of a node that hold something. Of the segments the oldest, which is closed, and the newest are two. */
    private Set<String> files(String name) throws IOException {
        Path data = data(name);
        try (Stream<Path> all = Files.walk(data)) {
            return all.filter(file -> Files.isRegularFile(file) && file.toFile().length() > 0)
                    .map(file -> data.relativize(file).toString())
                    .flatMap(file -> file.endsWith(".segment") ? Stream.of(OLDEST, NEWEST) : Stream.of(file))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private Path file(String node, String name) throws IOException {
        Path data = data(node);
        if (!name.endsWith(SEGMENT)) {
            return data.resolve(name);
        }
        try (Stream<Path> all = Files.list(data.resolve("journal/hub"))) {
            List<Path> segments = all.filter(file -> file.toString().endsWith(".segment"))
                    .sorted()
                    .toList();
            return segments.get(name.equals(OLDEST) ? 0 : segments.size() - 1);
        }
    }

    private static void flip(Path file) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            long at = open.length() / 2;
            open.seek(at);
            int old = open.read();
            open.seek(at);
            open.write(old ^ 1);
        }
    }

    /** Starts a node whose file was damaged. If it refuses, what it says must help. */
    private void startDamaged(String node, String file, String as) throws IOException {
        try {
            start(node);
        } catch (RuntimeException refused) {
            assertThat(refused).as(as).hasStackTraceContaining("; next: ");
            Path former = data(node);
            // The context that failed keeps its files open for as long as this process runs.
            starts.merge(node, 1, Integer::sum);
            Folders.copy(former, data(node));
            if (file.startsWith("hub.mv")) {
                assertThat(refused).as(as).hasStackTraceContaining("move the file away and start again");
                Files.delete(data(node).resolve(file));
            } else { // "Replace a node" of docs/pair/operations.md
                Folders.delete(data(node).resolve("journal/hub"));
                Files.delete(data(node).resolve("journal/hub.pair"));
            }
            start(node);
        }
    }

    private void assertWhole(String as) throws Exception {
        try (Bactrian fresh = Bactrian.open(client("fresh-" + put))) {
            fresh.subscribe("t", Start.OLDEST);
            get(fresh, 0, as);
        }
    }

    @Test
    void aBitInEachCostsNothing() throws Exception {
        flippedInAll(false);
    }

    @Test
    @Tag("campaign")
    void aBitInEachOfBothNodesCostsNothing() throws Exception {
        flippedInAll(true);
    }

    private void flippedInAll(boolean ofBoth) throws Exception {
        start("witness");
        start("primary");
        start("backup");
        String first = awaitInStep();
        try (Bactrian publisher = Bactrian.open(client("p"));
                Bactrian subscriber = Bactrian.open(client("s"))) {
            subscriber.subscribe("t", Start.OLDEST);
            put(publisher);
            get(subscriber, 0, "at first");
            Set<String> files = files(first);
            assertThat(files)
                    .contains("hub.mv.db", "journal/hub.pair", OLDEST, NEWEST)
                    .containsAll(files(PairProcesses.other(first)));
            boolean active = false;
            for (String file : files) {
                active = !active; // so it is one segment of the active and one of the passive
                for (boolean ofActive : ofBoth ? List.of(true, false) : List.of(active)) {
                    String node = ofActive ? awaitInStep() : PairProcesses.other(awaitInStep());
                    String as = file + " of the " + (ofActive ? "active" : "passive");
                    flipped(node, file, as, publisher, subscriber);
                }
            }
            for (String file : files("witness")) {
                flippedInTheWitness(file, publisher, subscriber);
            }
        }
    }

    private void flipped(String node, String file, String as, Bactrian publisher, Bactrian subscriber)
            throws Exception {
        int from = put;
        flip(file(node, file));
        put(publisher);
        if (file.endsWith(SEGMENT)) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(pair(node).figures()).as(as).containsEntry("repaired", 1L));
            assertThat(pair(node).journal().problem()).as(as).isNull();
        }
        stop(node);
        put(publisher);
        get(subscriber, from, as);
        startDamaged(node, file, as);
        awaitInStep();
        switchTo(node); // what it has must be good enough to serve
        put(publisher);
        get(subscriber, from + 2 * MESSAGES, as);
        assertWhole(as);
    }

    private void flippedInTheWitness(String file, Bactrian publisher, Bactrian subscriber) throws Exception {
        int from = put;
        flip(file("witness", file));
        put(publisher);
        stop("witness");
        start("witness");
        put(publisher);
        get(subscriber, from, file);
        if (file.endsWith(".witness")) { // "A damaged record of the witness" of docs/pair/operations.md
            await().atMost(PATIENCE)
                    .until(() -> String.valueOf(pair(awaitInStep()).figures().get("witness"))
                            .equals("away"));
            stop("witness");
            Files.delete(file("witness", file));
            start("witness");
        }
        switchTo(PairProcesses.other(awaitInStep()));
        awaitInStep();
        put(publisher);
        get(subscriber, from + 2 * MESSAGES, file);
        assertWhole(file);
    }
}
