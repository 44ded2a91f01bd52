package io.bactrian.app.bench;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.federation.core.ClusteredHashmap;
import io.bactrian.federation.core.StateEntry;
import io.bactrian.federation.routes.FederationConstants;
import io.bactrian.federation.routes.FederationNode;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures a federation of three nodes in one process, over TCP on loopback and with journals on the disk: how long a change takes
 * to a neighbour and to a sibling, how many changes and how much history pass. What a node costs in a tree of a thousand is counted
 * in virtual time, see {@link FederationCost}.
 */
public final class FederationBench implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FederationBench.class);
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";
    private static final String B = "nodes.root.b";
    private static final int PORTS = 4;
    private static final int ATTEMPTS = 100;
    private static final int PATIENCE_S = 300;
    private static final int PUSHED_AT_ONCE = 100;
    private static final int SYNC_BYTES = 4_096;
    /** The cuts of a link last longer and longer, from less than the silence that is an alarm to more. */
    private static final int CUTS = 15;

    private static final long CUT_MS = 500;
    private static final long STEP_MS = 300;

    /**
     * How much is measured.
     *
     * @param changes one at a time, for the latency
     * @param burst changes at once, for the rate
     * @param history records that a parent which was away catches up with
     * @param nodes of the simulated tree
     */
    public record Options(int changes, int burst, int history, int nodes) {
        public Options {
            if (changes < 1 || burst < 1 || history < 1 || nodes < 2) {
                throw new IllegalArgumentException("changes, burst and history must be at least 1, and nodes 2");
            }
        }
    }

    private final Path folder;
    private final Path topology;
    private final Consumer<String> progress;
    private final Map<String, Application> running = new LinkedHashMap<>();
    private final int southOfRoot = freeRow();
    private int updatesOfA;

    private FederationBench(Path folder, Consumer<String> progress) throws IOException {
        this.folder = folder;
        this.progress = progress;
        this.topology = folder.resolve("topology.yaml");
        Files.writeString(topology, tree());
    }

    /** Runs it in a folder, and returns the table; the progress is told line by line. Takes the whole machine while it does. */
    public static String run(Options options, Path folder, Consumer<String> progress)
            throws IOException, InterruptedException {
        try (FederationBench bench = new FederationBench(folder, progress)) {
            return bench.run(options);
        }
    }

    /** The first of as many ports in a row as a node takes. */
    private static int freeRow() throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            List<ServerSocket> sockets = new ArrayList<>();
            try {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
                int first = sockets.get(0).getLocalPort();
                for (int next = 1; next < PORTS; next++) {
                    sockets.add(new ServerSocket(first + next, 1, InetAddress.getLoopbackAddress()));
                }
                return first;
            } catch (BindException taken) {
                LOG.debug("another row of ports is looked for: {}", taken.toString());
            } finally {
                for (ServerSocket socket : sockets) {
                    socket.close();
                }
            }
        }
        throw new IOException("no " + PORTS + " free ports in a row");
    }

    private static String ports(String indent, int first) {
        return indent + "southPort: " + first + "\n" + indent + "northPort: " + (first + 1) + "\n";
    }

    private String tree() throws IOException {
        int first = freeRow();
        updatesOfA = first + 3;
        return "federation: bench\nnodes:\n  root:\n    owns: [site]\n" + ports("    ", southOfRoot) + "    children:\n"
                + "      a:\n        owns: [a]\n" + ports("        ", first)
                + "      b:\n        owns: [b]\n" + ports("        ", freeRow());
    }

    private void start(String node) {
        start(node, topology);
    }

    private void start(String node, Path topologyFile) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("bactrian.data", folder.toString());
        settings.put("bactrian.federation.topology", topologyFile.toString());
        settings.put("bactrian.federation.node", node);
        settings.put("camel.management.enabled", "false");
        settings.put("camel.main.name", node);
        running.put(
                node,
                Application.start(Configuration.load(
                        Installation.find(), List.of("node"), settings, System.getenv(), System.getProperties())));
    }

    private void stop(String node) {
        Application application = running.remove(node);
        if (application != null) {
            application.close();
        }
    }

    private CamelContext context(String node) {
        return Objects.requireNonNull(running.get(node), node).context();
    }

    private FederationNode node(String node) {
        return context(node).getRegistry().lookupByNameAndType("bactrianFederation", FederationNode.class);
    }

    private String run(Options options) throws IOException, InterruptedException {
        progress.accept("three nodes start");
        for (String node : List.of(ROOT, A, B)) {
            start(node);
        }
        await("the nodes to hear each other", () -> node(ROOT).reachable().size() == 2);
        StringBuilder table = new StringBuilder();
        try (ProducerTemplate producer = context(A).createProducerTemplate()) {
            progress.accept("warming up");
            oneByOne(producer, options.changes());
            progress.accept("changes, one at a time");
            Latencies[] hops = oneByOne(producer, options.changes());
            line(
                    table,
                    "disk's own sync of 4 KiB, microseconds",
                    synced(options.changes()).text());
            line(table, "change at a child until its parent has it, microseconds", hops[0].text());
            line(table, "change at a child until its sibling has it, microseconds", hops[1].text());
            progress.accept("changes in a burst");
            burst(producer, options.burst());
            line(
                    table,
                    "changes at once, until the sibling has the last",
                    rate(options.burst(), burst(producer, options.burst())));
        }
        progress.accept("history while the parent is away");
        stop(ROOT);
        try (ProducerTemplate producer = context(A).createProducerTemplate()) {
            for (int i = 0; i < options.history(); i++) {
                producer.sendBodyAndHeader("direct:record-value", (double) i, FederationConstants.SERIES, "a.series");
            }
        }
        progress.accept("the parent catches up");
        start(ROOT);
        long before = System.nanoTime();
        await("the parent to catch up", () -> node(ROOT).recorded() >= options.history());
        line(
                table,
                "records of history that the parent catches up with",
                rate(options.history(), System.nanoTime() - before));
        progress.accept("a link of the history is cut and restored");
        line(
                table,
                "history goes on after a cut of the link, microseconds",
                resumed().text());
        List.of(A, B, ROOT).forEach(this::stop);
        progress.accept("a simulated tree of " + options.nodes() + " nodes");
        FederationCost.of(options.nodes()).forEach((what, value) -> line(table, what, value));
        return table.toString();
    }

    /** From the return of a link until the parent has what its child has recorded meanwhile. */
    private Latencies resumed() throws IOException, InterruptedException {
        Latencies latencies = new Latencies(CUTS);
        stop(A);
        try (Relay relay = new Relay(southOfRoot)) {
            Path through = folder.resolve("through-relay.yaml");
            Files.writeString(
                    through,
                    Files.readString(topology).replace("southPort: " + southOfRoot, "southPort: " + relay.port()));
            start(A, through);
            try (ProducerTemplate producer = context(A).createProducerTemplate()) {
                for (int i = 0; i < CUTS; i++) {
                    await("the child to be heard", () -> node(ROOT).reachable().contains(A));
                    relay.cut();
                    TimeUnit.MILLISECONDS.sleep(CUT_MS + STEP_MS * i);
                    producer.sendBodyAndHeader("direct:record-value", (double) i, FederationConstants.SERIES, "a.cut");
                    long recorded = node(A).recorded(A);
                    relay.restore();
                    long restoredNs = System.nanoTime();
                    await("the history to go on", () -> node(ROOT).recorded(A) >= recorded);
                    latencies.add(System.nanoTime() - restoredNs);
                }
            }
        }
        return latencies;
    }

    private static void line(StringBuilder table, String what, String value) {
        table.append(String.format(Locale.ROOT, "%-68s %s%n", what, value));
    }

    private static String rate(int count, long nanos) {
        return String.format(Locale.ROOT, "%,.0f/s", count * 1e9 / nanos);
    }

    /** The times until the parent, and until the sibling has heard of each change. */
    private Latencies[] oneByOne(ProducerTemplate producer, int changes) throws InterruptedException {
        Latencies[] hops = {new Latencies(changes), new Latencies(changes)};
        for (int i = 0; i < changes; i++) {
            String key = "a.key" + i % 100;
            String value = "value " + i;
            CountDownLatch[] latches = {new CountDownLatch(1), new CountDownLatch(1)};
            long[] atNanos = new long[2];
            List<Consumer<List<StateEntry>>> watchers = new ArrayList<>();
            for (int hop = 0; hop < 2; hop++) {
                int which = hop;
                Consumer<List<StateEntry>> watcher = entries -> {
                    if (entries.stream().anyMatch(entry -> entry.text().equals(value))) {
                        atNanos[which] = System.nanoTime();
                        latches[which].countDown();
                    }
                };
                node(hop == 0 ? ROOT : B).watch(watcher);
                watchers.add(watcher);
            }
            long before = System.nanoTime();
            producer.sendBodyAndHeader("direct:set-state", octets(value), FederationConstants.KEY, key);
            for (int hop = 0; hop < 2; hop++) {
                if (!latches[hop].await(PATIENCE_S, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("a change did not arrive in " + PATIENCE_S + " s");
                }
                hops[hop].add(atNanos[hop] - before);
            }
            node(ROOT).unwatch(watchers.get(0));
            node(B).unwatch(watchers.get(1));
        }
        return hops;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** As a client pushes changes; returns how long it took until the sibling had the last. */
    private long burst(ProducerTemplate producer, int changes) throws InterruptedException {
        String push = "zeromq:push:tcp://127.0.0.1:" + updatesOfA + "?sendHighWaterMark=1000000";
        String run = Long.toString(System.nanoTime());
        CountDownLatch last = new CountDownLatch(1);
        String ends = run + " " + (changes - 1);
        Consumer<List<StateEntry>> watcher = entries -> {
            if (entries.stream().anyMatch(entry -> entry.text().equals(ends))) {
                last.countDown();
            }
        };
        node(B).watch(watcher);
        long before = System.nanoTime();
        for (int i = 0; i < changes; i++) {
            byte[] uuid = ByteBuffer.allocate(16).putLong(before).putLong(i).array();
            producer.sendBody(
                    push,
                    ClusteredHashmap.frames("a.burst" + i % PUSHED_AT_ONCE, 0, uuid, Map.of(), octets(run + " " + i)));
        }
        if (!last.await(PATIENCE_S, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the last change did not arrive in " + PATIENCE_S + " s");
        }
        long took = System.nanoTime() - before;
        node(B).unwatch(watcher);
        return took;
    }

    private Latencies synced(int times) throws IOException {
        Latencies latencies = new Latencies(times);
        Path file = folder.resolve("sync");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; i < times; i++) {
                long before = System.nanoTime();
                channel.write(ByteBuffer.allocate(SYNC_BYTES));
                channel.force(false);
                latencies.add(System.nanoTime() - before);
            }
        }
        Files.delete(file);
        return latencies;
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(String what, Condition condition) throws InterruptedException {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!condition.holds()) {
            if (System.nanoTime() > untilNanos) {
                throw new IllegalStateException("waited " + PATIENCE_S + " s for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    @Override
    public void close() {
        List.copyOf(running.keySet()).forEach(this::stop);
    }
}
