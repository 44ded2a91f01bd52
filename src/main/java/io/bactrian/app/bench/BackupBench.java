package io.bactrian.app.bench;

import io.bactrian.app.management.ManagementToken;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Publisher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.jspecify.annotations.Nullable;

/**
 * Measures the cost of a backup to a hub with a large log: octets written for a mebibyte that has changed, and the
 * time of a put while
 * the first backup is made, while backups are made every three seconds, and while none is made, in turns. The hub is a
 * process of its own.
 */
public final class BackupBench implements AutoCloseable {
    private static final Duration WAIT = Duration.ofMinutes(10);
    private static final int FILL_BYTES = 1 << 20;
    private static final int BODY_BYTES = 1024;
    private static final int CHANGE = (1 << 20) / BODY_BYTES;
    private static final int PUTS_PER_SECOND = 350;
    private static final int BETWEEN_BACKUPS_S = 3;
    private static final int POLL_MS = 10;
    private static final int LATENCIES_MAX = 1_000_000;

    /** Under full load the time of one put in so many is taken. */
    private static final int SAMPLE = 16;

    private static final String TOPIC = "bench";

    private final Path data;
    private final Path backups;
    private final boolean fullLoad;
    private final int publishPort = freePort();
    private final int subscribePort = freePort();
    private final int managementPort = freePort();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Consumer<String> progress;
    private @Nullable BenchProcess hub;
    private String token = "";
    private long writtenBefore;
    private CompletableFuture<?> underWay = CompletableFuture.completedFuture(null);

    /**
     * The measured values.
     *
     * @param logBytes how large the log was
     * @param firstMs how long the first backup took
     * @param changedWritten octets written by each backup for 1 MiB of messages that had changed
     * @param firstP99 microseconds of a put while the first backup is made
     * @param quietP99 microseconds of a put while no backup is made
     * @param busyP99 microseconds of a put while backups are made
     */
    public record Result(
            long logBytes,
            long firstMs,
            List<Long> changedWritten,
            double firstP50,
            double firstP99,
            double quietP50,
            double quietP99,
            double busyP50,
            double busyP99) {
        public Result {
            changedWritten = List.copyOf(changedWritten);
        }

        /** For people. */
        public String table() {
            return String.format(
                    Locale.ROOT,
                    "log %d MiB, first backup %d ms%nwritten for 1 MiB changed: %s octets%n"
                            + "%-22s %10s %10s%n%-22s %10.0f %10.0f%n%-22s %10.0f %10.0f%n%-22s %10.0f %10.0f%n"
                            + "%-22s %10.2f %10.2f",
                    logBytes >> 20,
                    firstMs,
                    changedWritten,
                    "put, microseconds",
                    "p50",
                    "p99",
                    "in the first backup",
                    firstP50,
                    firstP99,
                    "without backups",
                    quietP50,
                    quietP99,
                    "a backup every 3 s",
                    busyP50,
                    busyP99,
                    "ratio",
                    busyP50 / quietP50,
                    busyP99 / quietP99);
        }

        /** For programs. */
        public String json() {
            JsonObject json = new JsonObject();
            json.put("logBytes", logBytes);
            json.put("firstMs", firstMs);
            json.put("changedWritten", changedWritten);
            json.put("firstP50", firstP50);
            json.put("firstP99", firstP99);
            json.put("quietP50", quietP50);
            json.put("quietP99", quietP99);
            json.put("busyP50", busyP50);
            json.put("busyP99", busyP99);
            return json.toJson();
        }
    }

    private BackupBench(boolean fullLoad, @Nullable Path folder, Consumer<String> progress) throws IOException {
        this.fullLoad = fullLoad;
        this.progress = progress;
        data = folder == null
                ? Files.createTempDirectory("bactrian-bench")
                : Files.createTempDirectory(Files.createDirectories(folder), "bactrian-bench");
        backups = data.resolve("backup");
    }

    /**
     * Runs it.
     *
     * @param logBytes how large the log is to be
     * @param links whether closed segments are linked
     * @param fullLoad whether messages are put as fast as the hub accepts them, and not at a steady pace
     * @param rounds turns with and without backups, each of {@code seconds}
     * @param folder where log and backups are made; the temporary folder if null
     */
    public static Result run(
            long logBytes,
            boolean links,
            boolean fullLoad,
            int rounds,
            int seconds,
            @Nullable Path folder,
            Consumer<String> progress)
            throws IOException, InterruptedException {
        try (BackupBench bench = new BackupBench(fullLoad, folder, progress)) {
            return bench.run(logBytes, links, rounds, seconds);
        }
    }

    private Result run(long logBytes, boolean links, int rounds, int seconds) throws IOException, InterruptedException {
        BenchProcess started = startHub(links);
        hub = started;
        Latencies quiet = new Latencies(LATENCIES_MAX);
        Latencies busy = new Latencies(LATENCIES_MAX);
        List<Long> written = new ArrayList<>();
        ClientSettings settings = ClientSettings.builder("bench")
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(data.resolve("client"))
                .blockTime(WAIT)
                .build();
        try (Publisher publisher = Publisher.open(settings)) {
            progress.accept("filling the log with " + (logBytes >> 20) + " MiB");
            fill(publisher, logBytes);
            flow(publisher, new Latencies(LATENCIES_MAX), timed(seconds, false));
            Latencies first = new Latencies(LATENCIES_MAX);
            long firstMs = firstBackUp(publisher, first);
            progress.accept("first backup " + firstMs + " ms, a put meanwhile " + first.text());
            backUp();
            for (int i = 0; i < rounds; i++) {
                change(publisher);
                written.add(backUp());
            }
            for (int i = 0; i < rounds; i++) {
                progress.accept("round " + (i + 1) + " of " + rounds);
                flow(publisher, quiet, timed(seconds, false));
                flow(publisher, busy, timed(seconds, true));
            }
            return new Result(
                    logBytes,
                    firstMs,
                    written,
                    first.micros(50),
                    first.micros(99),
                    quiet.micros(50),
                    quiet.micros(99),
                    busy.micros(50),
                    busy.micros(99));
        }
    }

    private static void fill(Publisher publisher, long bytes) throws IOException, InterruptedException {
        byte[] body = new byte[FILL_BYTES];
        CompletableFuture<Accepted> last = publisher.put(TOPIC, body);
        for (long done = FILL_BYTES; done < bytes; done += FILL_BYTES) {
            last = publisher.put(TOPIC, body);
        }
        await(last);
    }

    private static void change(Publisher publisher) throws IOException, InterruptedException {
        CompletableFuture<Accepted> last = publisher.put(TOPIC, new byte[BODY_BYTES]);
        for (int i = 1; i < CHANGE; i++) {
            last = publisher.put(TOPIC, new byte[BODY_BYTES]);
        }
        await(last);
    }

    private static void await(CompletableFuture<Accepted> put) throws IOException, InterruptedException {
        try {
            put.get(WAIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("a put was not accepted: " + e, e);
        }
    }

    /** The first backup, while messages are put. Returns how many milliseconds it took. */
    private long firstBackUp(Publisher publisher, Latencies latencies) throws IOException, InterruptedException {
        long startedNs = System.nanoTime();
        CompletableFuture<Long> firstMs = CompletableFuture.supplyAsync(() -> {
            try {
                backUp();
                return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs);
            } catch (IOException | InterruptedException e) {
                throw new CompletionException(e);
            }
        });
        flow(publisher, latencies, nowNs -> !firstMs.isDone());
        return firstMs.join();
    }

    /** Says whether puts go on; called before each. */
    private interface Turn {
        boolean goesOn(long nowNs);
    }

    private Turn timed(int seconds, boolean withBackups) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long[] nextBackupNs = {System.nanoTime()};
        return nowNs -> {
            if (withBackups && nowNs >= nextBackupNs[0] && underWay.isDone()) {
                nextBackupNs[0] += TimeUnit.SECONDS.toNanos(BETWEEN_BACKUPS_S);
                underWay = http.sendAsync(now(), HttpResponse.BodyHandlers.ofString());
            }
            return nowNs < endNs;
        };
    }

    /** Puts at a steady pace, each when the one before is accepted, or as fast as the hub accepts them. */
    private void flow(Publisher publisher, Latencies latencies, Turn turn) throws IOException, InterruptedException {
        byte[] body = new byte[BODY_BYTES];
        long periodNs = TimeUnit.SECONDS.toNanos(1) / PUTS_PER_SECOND;
        CompletableFuture<Accepted> last = publisher.put(TOPIC, body);
        long dueNs = System.nanoTime();
        for (long count = 0; turn.goesOn(System.nanoTime()); count++) {
            long waitNs = fullLoad ? 0 : dueNs - System.nanoTime();
            if (waitNs > 0) {
                TimeUnit.NANOSECONDS.sleep(waitNs);
            }
            dueNs += periodNs;
            long putNs = System.nanoTime();
            last = publisher.put(TOPIC, body);
            if (!fullLoad) {
                await(last);
                latencies.add(System.nanoTime() - putNs);
            } else if (count % SAMPLE == 0) {
                last = last.whenComplete((accepted, failure) -> {
                    synchronized (latencies) {
                        latencies.add(System.nanoTime() - putNs);
                    }
                });
            }
        }
        await(last);
        underWay.join();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path))
                .header("Accept", "application/json")
                .timeout(WAIT);
    }

    /** Asks for a backup. */
    private HttpRequest now() {
        return request("/q/do/backup")
                .header("X-Bactrian-Token", token)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
    }

    private JsonObject json(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        try {
            return (JsonObject) Jsoner.deserialize(answer.body());
        } catch (DeserializationException e) {
            throw new IOException("no figures: " + answer.body(), e);
        }
    }

    private JsonObject outcome(@Nullable Object number) throws IOException, InterruptedException {
        JsonObject all =
                json(request("/q/dev/bactrian-backup?request=" + number).build());
        if (!(all.get("bactrian-backup") instanceof JsonObject figures) || figures.containsKey("failed")) {
            throw new IOException("no backup: " + all.toJson());
        }
        return figures;
    }

    /** Makes a backup; returns how much it has written. */
    private long backUp() throws IOException, InterruptedException {
        Object number = json(now()).get("request");
        JsonObject figures = outcome(number);
        while (!figures.containsKey("report")) {
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
            figures = outcome(number);
        }
        long written = figures.getLongOrDefault("writtenBytes", 0L);
        long now = written - writtenBefore;
        writtenBefore = written;
        return now;
    }

    private BenchProcess startHub(boolean links) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of("run", "hub", "backup", "--data", data.resolve("hub").toString()));
        for (String setting : List.of(
                "bactrian.hub.publish=tcp://127.0.0.1:" + publishPort,
                "bactrian.hub.subscribe=tcp://127.0.0.1:" + subscribePort,
                "bactrian.hub.plain.in=tcp://127.0.0.1:" + freePort(),
                "bactrian.hub.plain.out=tcp://127.0.0.1:" + freePort(),
                "bactrian.hub.retention.bytes=1000g",
                "bactrian.backup.folder=" + backups,
                "bactrian.backup.links=" + links,
                "bactrian.backup.intervalMs=86400000",
                "bactrian.management.port=" + managementPort)) {
            arguments.addAll(List.of("--set", setting));
        }
        BenchProcess process =
                new BenchProcess("hub", List.of("-Xmx1g"), "io.bactrian.app.Main", arguments.toArray(String[]::new));
        for (int i = 0; i < 600; i++) {
            try {
                http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/observe/health"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
                token = ManagementToken.read(data.resolve("hub/management.token"))
                        .orElseThrow(() -> new IOException("the hub has made no token"));
                return process;
            } catch (IOException notYet) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        process.close();
        throw new IOException("the hub does not serve");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        BenchProcess running = hub;
        if (running != null) {
            running.close();
        }
        try (Stream<Path> all = Files.walk(data)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
