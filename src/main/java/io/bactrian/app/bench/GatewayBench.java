package io.bactrian.app.bench;

import io.bactrian.app.Main;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.DatabaseSync;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.Migrations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The gateway beside a bare platform-http route and haproxy, all in one run on this machine, each as a process of its own. The
 * cases take turns for several rounds, and the median of each counts. So a ratio says something, whatever else the machine does.
 */
public final class GatewayBench {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** As many rows as there are connections: a group of heartbeats cannot be larger. */
    private static final int BATCH = HttpLoad.CONNECTIONS;

    private static final int WARM_RUNS_MAX = 6;
    private static final int WARM_REQUESTS = 60_000;
    private static final int PRODUCERS = 2_000;
    private static final String BARE = "bare platform-http route, wrk";
    private static final String BARE_AB = "bare platform-http route, ab";
    private static final String REDIRECT = "redirect (302) of the balancer, wrk";
    private static final String REDIRECT_AB = "redirect (302) of the balancer, ab";
    private static final String HEARTBEAT = "heartbeat, one worker, wrk";
    private static final String HEARTBEAT_THREE = "heartbeat, three workers, wrk";
    private static final String CHAIN = "redirect and data (302, 200), 500 consumers";
    private static final String DURABLE = "durable heartbeat (flush=always), wrk";
    private static final String DURABLE_ONE = "durable heartbeat, one process for all";
    private static final String ROWS = "rows in batches of " + BATCH + " with sync, H2 alone";

    private final int seconds;
    private final int rounds;
    private final Path folder;
    private final Consumer<String> progress;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<AutoCloseable> processes = new ArrayList<>();
    private final List<BenchProcess> servers = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();
    private int aloneRuns;

    private GatewayBench(int seconds, int rounds, Path folder, Consumer<String> progress) {
        this.seconds = seconds;
        this.rounds = rounds;
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * A line of the table.
     *
     * @param name what was measured
     * @param rate requests or rows a second
     * @param meanMs the mean time of a request in milliseconds, or not a number
     * @param bad answers that were not good
     * @param cpuUs processor time of the measured servers for each request, in microseconds; other work on the machine does not
     *     count in it
     */
    public record Row(String name, double rate, double meanMs, long bad, double cpuUs) {}

    /** Measures everything. The folder holds the databases, and is left as it is. */
    public static List<Row> run(int seconds, int rounds, Path folder, Consumer<String> progress) throws Exception {
        GatewayBench bench = new GatewayBench(seconds, rounds, folder, progress);
        try {
            bench.measure();
        } finally {
            bench.close();
        }
        return List.copyOf(bench.rows);
    }

    /** Something that is measured. */
    private interface Case {
        HttpLoad.Outcome run() throws Exception;

        /** Answers with a wrong status in another second of the same load. */
        default long wrong() throws Exception {
            return 0;
        }
    }

    /** A load of wrk, whose statuses are checked in a second of its own, because checking costs. */
    private record WrkCase(String address, int seconds, String script, int status) implements Case {
        @Override
        public HttpLoad.Outcome run() throws IOException, InterruptedException {
            return HttpLoad.wrk(address, seconds, script);
        }

        @Override
        public long wrong() throws IOException, InterruptedException {
            return HttpLoad.wrongStatuses(address, script, status);
        }
    }

    private void measure() throws Exception {
        int bare = freePort();
        BenchProcess bareServer = new BenchProcess("bare", List.of(), BareHttpServer.class.getName(), "" + bare);
        processes.add(bareServer);
        servers.add(bareServer);
        bareServer.await("ready");
        int balancer = freePort();
        role("balancer", balancer);
        List<Integer> workers = List.of(freePort(), freePort(), freePort());
        for (int worker : workers) {
            role("worker", worker, "localhost", "" + balancer);
        }
        int durable = freePort();
        role("worker", durable, "localhost", "" + balancer, "--flush", "always");
        int proxy = freePort();
        int alone = freePort();
        int aloneWorker = freePort();
        // With a file of its own, which nobody else serves to it.
        role(
                folder.resolve("alone"),
                "balancer",
                alone,
                "worker",
                "" + aloneWorker,
                "localhost",
                "" + alone,
                "--flush",
                "always");
        haproxy(proxy, workers);
        String at = "http://127.0.0.1:";
        await(at + durable + "/ready");
        await(at + aloneWorker + "/ready");
        await(at + proxy + "/index");
        registered(at + balancer, workers.size() + 1);
        String worker = answer(at + balancer + "/register/1");
        post(worker, 1);

        String find = at + balancer + "/get_data/1";
        Map<String, Case> cases = new LinkedHashMap<>();
        cases.put(BARE, new WrkCase(at + bare + "/constant", seconds, "", 200));
        cases.put(REDIRECT, new WrkCase(find, seconds, "", 302));
        cases.put(HEARTBEAT, new WrkCase(at + workers.get(0), seconds, post(0), 200));
        cases.put(HEARTBEAT_THREE, () -> three(workers));
        cases.put(CHAIN, () -> ChainLoad.run(find, seconds));
        cases.put("data of a worker, wrk", new WrkCase(worker + "/get_data/1", seconds, "", 200));
        cases.put("data through haproxy, wrk", new WrkCase(at + proxy + "/get_data/1", seconds, "", 200));
        cases.put("heartbeat through haproxy, three workers, wrk", new WrkCase(at + proxy, seconds, post(0), 200));
        cases.put(DURABLE, new WrkCase(at + durable, seconds, post(3), 200));
        cases.put(DURABLE_ONE, new WrkCase(at + aloneWorker, seconds, post(4), 200));
        cases.put(ROWS, this::h2);
        cases.put(BARE_AB, () -> HttpLoad.ab(at + bare + "/constant", 200));
        cases.put(REDIRECT_AB, () -> HttpLoad.ab(find, 302));
        cases.put("data of a worker, ab", () -> HttpLoad.ab(worker + "/get_data/1", 200));
        for (int part = 0; part < workers.size(); part++) {
            warm(at + workers.get(part), post(part));
            post(at + workers.get(part), 1);
            warm(at + workers.get(part) + "/get_data/1", "");
        }
        warm(at + bare + "/constant", "");
        warm(find, "");
        warm(at + durable, post(3));
        warm(at + aloneWorker, post(4));
        for (Map.Entry<String, Case> each : cases.entrySet()) {
            progress.accept("warming up: " + each.getKey());
            each.getValue().run();
        }
        Map<String, List<Row>> outcomes = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Case> each : cases.entrySet()) {
                Row row = measure(each.getKey(), each.getValue());
                outcomes.computeIfAbsent(each.getKey(), name -> new ArrayList<>())
                        .add(row);
                progress.accept("round " + round + ": " + line(row));
            }
        }
        outcomes.values().forEach(all -> {
            all.sort(Comparator.comparingDouble(Row::rate));
            rows.add(all.get(all.size() / 2));
        });
    }

    private Row measure(String name, Case one) throws Exception {
        double cpuBefore = cpuSeconds();
        long startNs = System.nanoTime();
        HttpLoad.Outcome outcome = one.run();
        double requests = outcome.rate() * (System.nanoTime() - startNs) / 1e9;
        if (name.equals(BARE) && outcome.bad() > 0) {
            throw new IOException("The bare route does not answer as it should: " + outcome.bad() + " bad answers");
        }
        double cpuUs = (cpuSeconds() - cpuBefore) * 1e6 / requests;
        return new Row(name, outcome.rate(), outcome.meanMs(), outcome.bad() + one.wrong(), cpuUs);
    }

    private double cpuSeconds() {
        return servers.stream().mapToDouble(BenchProcess::cpuSeconds).sum();
    }

    /** A server that has just started compiles itself, which takes some tens of thousands of requests. */
    private void warm(String address, String script) throws IOException, InterruptedException {
        progress.accept("warming up: " + address);
        double requests = 0;
        for (int i = 0; i < WARM_RUNS_MAX && requests < WARM_REQUESTS; i++) {
            requests += HttpLoad.wrk(address, 2, script).rate() * 2;
        }
    }

    /** Posts of producers of its own for each worker, numbered from here. They are made beforehand: wrk is to take little of the processors. */
    private static String post(int part) {
        return """
                local posts = {}
                local next = 0
                init = function()
                  for id = 0, %1$d - 1 do
                    posts[id] = wrk.format("POST", "/heartbeat", {["Content-Type"] = "application/json"},
                      '{"id":' .. (id + %2$d) .. ',"location":"bench","data":20.5}')
                  end
                end
                request = function()
                  next = (next + 1) %% %1$d
                  return posts[next]
                end
                """.formatted(PRODUCERS, part * PRODUCERS);
    }

    /** The ratios that a reader looks for, a line for each. */
    public static List<String> ratios(List<Row> rows) {
        return List.of(
                ratio(rows, "redirect / bare route, wrk", REDIRECT, BARE),
                ratio(rows, "redirect / bare route, ab", REDIRECT_AB, BARE_AB),
                ratio(rows, "heartbeat / bare route", HEARTBEAT, BARE),
                ratio(rows, "redirect and data / bare route", CHAIN, BARE),
                ratio(rows, "three workers / one worker", HEARTBEAT_THREE, HEARTBEAT),
                ratio(rows, "durable heartbeat / bare route", DURABLE, BARE),
                ratio(rows, "durable heartbeats / rows in H2 alone", DURABLE, ROWS),
                ratio(rows, "durable heartbeats, one process / rows in H2 alone", DURABLE_ONE, ROWS));
    }

    private static String ratio(List<Row> rows, String name, String one, String other) {
        return String.format(
                Locale.ROOT,
                "%-50s %10.2f   by processor time %6.2f",
                name,
                find(rows, one, Row::rate) / find(rows, other, Row::rate),
                find(rows, other, Row::cpuUs) / find(rows, one, Row::cpuUs));
    }

    private static double find(List<Row> rows, String name, ToDoubleFunction<Row> figure) {
        return rows.stream()
                .filter(row -> row.name().equals(name))
                .mapToDouble(figure)
                .findFirst()
                .orElse(Double.NaN);
    }

    /** Each of the three gets a third of the connections. */
    private HttpLoad.Outcome three(List<Integer> workers) {
        List<CompletableFuture<HttpLoad.Outcome>> runs = workers.stream()
                .map(port -> CompletableFuture.supplyAsync(() -> {
                    try {
                        int part = workers.indexOf(port);
                        return HttpLoad.wrk(
                                "http://127.0.0.1:" + port,
                                seconds,
                                post(part),
                                1,
                                (HttpLoad.CONNECTIONS + part) / workers.size());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException(e);
                    }
                }))
                .toList();
        List<HttpLoad.Outcome> outcomes =
                runs.stream().map(CompletableFuture::join).toList();
        return new HttpLoad.Outcome(
                outcomes.stream().mapToDouble(HttpLoad.Outcome::rate).sum(),
                outcomes.stream()
                        .mapToDouble(HttpLoad.Outcome::meanMs)
                        .average()
                        .orElse(Double.NaN),
                outcomes.stream().mapToLong(HttpLoad.Outcome::bad).sum());
    }

    /** What the database takes of the same rows if nothing else is in the way. */
    private HttpLoad.Outcome h2() throws SQLException {
        long rowsDone = 0;
        long startNs;
        try (var dataSource =
                Databases.open(DatabaseSettings.file(folder.resolve("alone-" + ++aloneRuns), "gateway"))) {
            Migrations.migrate(dataSource, "gateway");
            DatabaseSync sync = DatabaseSync.of(dataSource);
            startNs = System.nanoTime();
            try (Connection connection = dataSource.getConnection();
                    PreparedStatement write = connection.prepareStatement(
                            "merge into bactrian_heartbeat (producer_id, location, address, received_ms, data)"
                                    + " key (producer_id) values (?, 'bench', '127.0.0.1', ?, '20.5')")) {
                connection.setAutoCommit(false);
                while (System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(seconds)) {
                    for (int i = 0; i < BATCH; i++) {
                        write.setLong(1, rowsDone++ % PRODUCERS);
                        write.setLong(2, rowsDone);
                        write.addBatch();
                    }
                    int[] written = write.executeBatch();
                    connection.commit();
                    sync.run();
                    if (written.length != BATCH) {
                        throw new SQLException("The database took " + written.length + " rows of " + BATCH);
                    }
                }
            }
        }
        return new HttpLoad.Outcome(rowsDone / ((System.nanoTime() - startNs) / 1e9), Double.NaN, 0);
    }

    private void role(String role, int port, String... arguments) throws IOException {
        role(folder, role, port, arguments);
    }

    private void role(Path data, String role, int port, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("run", role, "" + port));
        all.addAll(List.of(arguments));
        all.addAll(List.of(
                "--data",
                data.toString(),
                "--set",
                "bactrian.management.port=" + freePort(),
                "--set",
                "bactrian.log.level=warn"));
        BenchProcess process =
                new BenchProcess(role, List.of("-Xmx512m"), Main.class.getName(), all.toArray(String[]::new));
        processes.add(process);
        servers.add(process);
        await("http://127.0.0.1:" + port + "/ready");
    }

    private void haproxy(int port, List<Integer> workers) throws IOException {
        String servers = workers.stream()
                .map(worker -> "  server w" + worker + " 127.0.0.1:" + worker + " check\n")
                .collect(Collectors.joining());
        Path file = Files.writeString(
                folder.resolve("haproxy.cfg"),
                "global\n  maxconn 4000\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n"
                        + "  timeout server 30s\nfrontend f\n  bind 127.0.0.1:" + port
                        + "\n  default_backend b\nbackend b\n  balance roundrobin\n" + servers);
        String program = Files.isExecutable(Path.of("/usr/sbin/haproxy")) ? "/usr/sbin/haproxy" : "haproxy";
        Process process;
        try {
            process = new ProcessBuilder(program, "-db", "-f", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new IOException("Cannot run haproxy; install it: apt-get install haproxy", e);
        }
        processes.add(process::destroy);
    }

    private void await(String address) throws IOException {
        long untilNs = System.nanoTime() + PATIENCE.toNanos();
        while (!answer(address).startsWith("200") && !isGood(address)) {
            if (System.nanoTime() - untilNs > 0) {
                throw new IOException(address + " does not answer within " + PATIENCE.toSeconds() + " s");
            }
            pause();
        }
    }

    private boolean isGood(String address) {
        try {
            return send(HttpRequest.newBuilder(URI.create(address))).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private void registered(String balancer, int workers) throws IOException {
        long untilNs = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            long known = java.util.stream.IntStream.range(0, 2 * workers)
                    .mapToObj(i -> answer(balancer + "/register/1"))
                    .filter(text -> text.startsWith("http"))
                    .distinct()
                    .count();
            if (known == workers) {
                return;
            }
            if (System.nanoTime() - untilNs > 0) {
                throw new IOException(known + " of " + workers + " workers have registered");
            }
            pause();
        }
    }

    private String answer(String address) {
        try {
            return send(HttpRequest.newBuilder(URI.create(address))).body();
        } catch (IOException notYet) {
            return "";
        }
    }

    private void post(String worker, long id) throws IOException {
        var answer = send(HttpRequest.newBuilder(URI.create(worker + "/heartbeat"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":" + id + ",\"location\":\"bench\",\"data\":20.5}")));
        if (answer.statusCode() != 200) {
            throw new IOException(worker + " does not take a heartbeat: " + answer.body());
        }
    }

    private java.net.http.HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void close() {
        for (int i = processes.size() - 1; i >= 0; i--) {
            try {
                processes.get(i).close();
            } catch (Exception e) {
                progress.accept("a process does not end: " + e);
            }
        }
    }

    /** A line for a person. */
    public static String line(Row row) {
        return String.format(
                Locale.ROOT,
                "%-50s %,10.0f/s  mean %8.2f ms  processor %6.0f us  bad %d",
                row.name(),
                row.rate(),
                row.meanMs(),
                row.cpuUs(),
                row.bad());
    }

    /** A chart of the rates as SVG. */
    public static String chart(List<Row> rows) {
        return BarChart.svg(
                "The gateway, a bare platform-http route and haproxy, one run",
                "/s",
                rows.stream()
                        .map(row -> new BarChart.Bar(
                                row.name(),
                                row.rate(),
                                row.name().startsWith("bare") || row.name().startsWith("rows") ? "#999" : "#287"))
                        .toList());
    }

    /** A JSON array with an object for each row. */
    public static String json(List<Row> rows) {
        return rows.stream()
                .map(row -> String.format(
                        Locale.ROOT,
                        "{\"name\":\"%s\",\"rate\":%.1f,\"meanMs\":%s,\"bad\":%d,\"cpuUs\":%.1f}",
                        row.name(),
                        row.rate(),
                        Double.isNaN(row.meanMs()) ? "null" : String.format(Locale.ROOT, "%.3f", row.meanMs()),
                        row.bad(),
                        row.cpuUs()))
                .collect(Collectors.joining(",\n", "[", "]"));
    }
}
