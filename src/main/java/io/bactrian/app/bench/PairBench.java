package io.bactrian.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures a pair of hubs beside a hub alone in the same run: the rate of accepted messages, one at a time, and how long
 * nothing is acknowledged when the active hub is killed, stops or hands over. Then the pair of speed-limit servers.
 * Hubs, servers and the
 * witness are processes, the publisher runs here.
 */
public final class PairBench {
    private static final int SMALL = 64;
    private static final int LARGE = 1024;
    private static final int ONE_AT_A_TIME = 5_000;
    private static final long LOAD_MS = 3_000;
    private static final int SPEEDS_OUTSTANDING = 64;
    private static final int SPEEDS_OUTSTANDING_MANY = 4_096;
    /** The system counts processor time in steps of 10 ms: less than this says nothing. */
    private static final double PROCESSOR_MIN_S = 0.1;

    private static final int BEFORE_MS = 50;
    /** Nobody asks the nodes how they are while a takeover should be under way: it would take their processor. */
    private static final long QUIET_MS = 250;

    /** The cases that can be measured. */
    public enum Case {
        /** The rates of a hub alone and of pairs, and one message at a time. */
        FLOW,
        /** The active hub is killed, with a witness. */
        KILL,
        /** It is stopped instead, with heartbeats of 100 ms. */
        STOP,
        /** It is killed without a witness. */
        CLASSIC,
        /** The active hub hands over to the other. */
        SWITCH,
        /** The pair of speed-limit servers. */
        SPEED
    }

    /**
     * The cases of a run, and their size.
     *
     * @param cases which
     * @param messages of {@value #SMALL} octets in a stream; a quarter as many of {@value #LARGE}
     * @param kills how often the active hub is killed, with a witness
     * @param cuts how often it is stopped instead; as often it is killed without a witness, and hands over
     * @param seconds how long the speed-limit servers are measured
     */
    public record Options(Set<Case> cases, long messages, int kills, int cuts, int seconds) {
        public Options {
            cases = Set.copyOf(cases);
            if (cases.isEmpty() || messages < 1_000 || kills < 1 || cuts < 1 || seconds < 1) {
                throw new IllegalArgumentException(
                        "messages must be at least 1000; cases, kills, cuts and seconds at least 1");
            }
        }
    }

    /** One figure. */
    public record Row(String name, double value, String unit) {}

    /**
     * All figures.
     *
     * @param chart the acknowledgements of each millisecond around a kill, as SVG; empty if there was none
     */
    public record Result(List<Row> rows, String chart) {
        public Result {
            rows = List.copyOf(rows);
        }

        /** A JSON array with one object for each figure. */
        public String json() {
            return rows.stream()
                    .map(row -> String.format(
                            Locale.ROOT,
                            "{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\"}",
                            row.name(),
                            row.value(),
                            row.unit()))
                    .collect(Collectors.joining(",\n ", "[", "]"));
        }

        /** A table for people. */
        public String table() {
            return rows.stream()
                    .map(row -> String.format(Locale.ROOT, "%-52s %,14.2f %s", row.name(), row.value(), row.unit()))
                    .collect(Collectors.joining(System.lineSeparator()));
        }
    }

    private final Options options;
    private final Consumer<String> progress;
    private final Path data;
    private final List<Row> rows = new ArrayList<>();
    private String chart = "";

    private PairBench(Options options, Consumer<String> progress, Path data) {
        this.options = options;
        this.progress = progress;
        this.data = data;
    }

    /**
     * Runs all cases. Takes the whole machine while it does.
     *
     * @param progress told what goes on, a line at a time
     */
    public static Result run(Options options, Consumer<String> progress) throws IOException {
        Path data = Files.createTempDirectory("bactrian-bench");
        PairBench bench = new PairBench(options, progress, data);
        try {
            bench.run();
            return new Result(bench.rows, bench.chart);
        } finally {
            delete(data);
        }
    }

    private void run() throws IOException {
        for (Case one : new TreeSet<>(options.cases())) {
            switch (one) {
                case FLOW -> flows();
                case KILL -> kills();
                case STOP -> cuts();
                case CLASSIC -> classicKills();
                case SWITCH -> switches();
                case SPEED -> speeds();
            }
        }
    }

    private void flows() throws IOException {
        Flow alone = flow("hub alone", new PairNodes.Setup("hub", false, true, 1_000));
        Flow sync = flow("pair, sync", new PairNodes.Setup("hub-pair", true, true, 1_000));
        Flow async = flow("pair, async", new PairNodes.Setup("hub-pair", true, false, 1_000));
        row("sync / alone, 64 B", sync.small() / alone.small(), "");
        row("sync / alone, 1 KiB", sync.large() / alone.large(), "");
        row("async / alone, 64 B", async.small() / alone.small(), "");
        row("async / alone, 1 KiB", async.large() / alone.large(), "");
        row("sync / alone, accepted p50 one at a time", sync.p50() / alone.p50(), "");
    }

    private record Flow(double small, double large, double p50) {}

    private void row(String name, double value, String unit) {
        Row row = new Row(name, value, unit);
        rows.add(row);
        progress.accept(String.format(Locale.ROOT, "%s: %.2f %s", row.name(), row.value(), row.unit()));
    }

    private Flow flow(String name, PairNodes.Setup setup) throws IOException {
        Path folder = data.resolve(name.replaceAll("[^a-z]", "-"));
        try (PairNodes nodes = new PairNodes(setup, folder)) {
            nodes.startAll();
            try (PairLoad load = new PairLoad(nodes.host(), folder.resolve("client"), "bench")) {
                double small = stream(name + ", 64 B", nodes, load, SMALL, options.messages());
                double large = stream(name + ", 1 KiB", nodes, load, LARGE, options.messages() / 4);
                Latencies single = load.oneAtATime(SMALL, (int) Math.min(ONE_AT_A_TIME, options.messages()));
                row(name + ", one at a time accepted p50", single.micros(50), "us");
                row(name + ", one at a time accepted p99", single.micros(99), "us");
                return new Flow(small, large, single.micros(50));
            }
        } finally {
            delete(folder);
        }
    }

    private double stream(String name, PairNodes nodes, PairLoad load, int size, long messages) throws IOException {
        load.warmUp(size, messages / 4);
        ProcessorTime time = new ProcessorTime(nodes);
        time.begin();
        double rate = load.rate(size, messages);
        Map<String, Double> seconds = time.seconds();
        row(name, rate, "messages/s");
        processorRows(name, nodes.active(), seconds, messages / 1e6, "s a million messages");
        return rate;
    }

    /** Something that happens to the active hub, and how it comes back. */
    private interface Fault {
        /** Returns when it happened. */
        long happen(PairNodes nodes, String active) throws IOException;

        void repair(PairNodes nodes, String former) throws IOException;
    }

    private static final Fault KILL = new Fault() {
        @Override
        public long happen(PairNodes nodes, String active) throws IOException {
            return nodes.kill(active);
        }

        @Override
        public void repair(PairNodes nodes, String former) throws IOException {
            nodes.start(former);
        }
    };

    private static final Fault STOP = new Fault() {
        @Override
        public long happen(PairNodes nodes, String active) throws IOException {
            return nodes.signal(active, "STOP");
        }

        @Override
        public void repair(PairNodes nodes, String former) throws IOException {
            nodes.signal(former, "CONT");
        }
    };

    private static final Fault SWITCH = new Fault() {
        @Override
        public long happen(PairNodes nodes, String active) throws IOException {
            return nodes.switchOver(active);
        }

        @Override
        public void repair(PairNodes nodes, String former) {
            // It stays, as the passive.
        }
    };

    private void kills() throws IOException {
        faults(
                "kill -9 with a witness",
                new PairNodes.Setup("hub-pair", true, true, 1_000),
                KILL,
                options.kills(),
                true);
    }

    private void cuts() throws IOException {
        faults(
                "silent stop, 100 ms heartbeats",
                new PairNodes.Setup("hub-pair", true, true, 100),
                STOP,
                options.cuts(),
                false);
    }

    private void classicKills() throws IOException {
        faults(
                "kill -9 without a witness, 1000 ms heartbeats",
                new PairNodes.Setup("hub-pair", false, true, 1_000),
                KILL,
                options.cuts(),
                false);
    }

    private void switches() throws IOException {
        faults("switch", new PairNodes.Setup("hub-pair", true, true, 1_000), SWITCH, options.cuts(), false);
    }

    private void faults(String name, PairNodes.Setup setup, Fault fault, int times, boolean drawn) throws IOException {
        Path folder = data.resolve("faults");
        Latencies outages = new Latencies(times);
        try (PairNodes nodes = new PairNodes(setup, folder)) {
            nodes.startAll();
            try (PairLoad load = new PairLoad(nodes.host(), folder.resolve("client"), "bench")) {
                load.begin(SMALL);
                String active = nodes.active();
                for (int i = 0; i < times; i++) {
                    load.pause();
                    nodes.awaitInStep(active);
                    load.resume();
                    sleep(LOAD_MS);
                    long at = fault.happen(nodes, active);
                    sleep(QUIET_MS);
                    String next = PairNodes.other(active);
                    PairNodes.await(
                            next + " to be active",
                            () -> "ACTIVE".equals(nodes.figures(next).get("role")));
                    long activeNs = System.nanoTime();
                    PairNodes.await("an acknowledgement", () -> load.acknowledgedAfter(activeNs));
                    sleep(QUIET_MS);
                    long outage = load.timeline().outageNs(at);
                    outages.add(outage);
                    progress.accept(String.format(Locale.ROOT, "%s %d: %.1f ms", name, i + 1, outage / 1e6));
                    if (drawn) {
                        chart = AckChart.svg(
                                name, load.timeline(), at, BEFORE_MS, (int) Math.max(100, 2 * outage / 1_000_000));
                    }
                    fault.repair(nodes, active);
                    active = next;
                }
            }
        } finally {
            delete(folder);
        }
        row(name + ", " + times + " times, to the next acknowledgement p50", outages.micros(50) / 1e3, "ms");
        row(name + ", " + times + " times, to the next acknowledgement p99", outages.micros(99) / 1e3, "ms");
    }

    private void speeds() throws IOException {
        Path folder = data.resolve("speed");
        try (PairNodes nodes = new PairNodes(new PairNodes.Setup("speed-server", true, true, 1_000), folder)) {
            nodes.startAll();
            speeds(nodes, SPEEDS_OUTSTANDING);
            speeds(nodes, SPEEDS_OUTSTANDING_MANY);
        }
    }

    private void speeds(PairNodes nodes, int outstanding) throws IOException {
        String active = nodes.active();
        ProcessorTime time = new ProcessorTime(nodes);
        long acknowledged =
                SpeedLoad.acknowledged(nodes.port("speed " + active), outstanding, options.seconds(), time::begin);
        String name = "speed server, sync, " + outstanding + " outstanding";
        Map<String, Double> seconds = time.seconds();
        row(name, (double) acknowledged / options.seconds(), "Speeds/s acknowledged");
        processorRows(name, active, seconds, acknowledged / 1e6, "us a Speed");
    }

    /** Where the processors went: how many there are bounds the rate of all that share them. */
    private void processorRows(String name, String active, Map<String, Double> seconds, double per, String unit) {
        processorRow(name + ", processor of the active", seconds.get(active), per, unit);
        processorRow(name + ", processor of the passive", seconds.get(PairNodes.other(active)), per, unit);
        processorRow(name + ", processor of the client", seconds.get(ProcessorTime.HERE), per, unit);
    }

    private void processorRow(String name, @Nullable Double seconds, double per, String unit) {
        if (seconds != null && seconds >= PROCESSOR_MIN_S) {
            row(name, seconds / per, unit);
        }
    }

    private static void sleep(long ms) throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
