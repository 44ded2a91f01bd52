package io.bactrian.app;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bactrian status}: asks a running process how it is, over its management address. */
@Command(
        name = "status",
        description = {
            "Says whether a process serves (the node of a pair that is passive stands by), and shows the figures of its hub,"
                    + " speed-limit server, discovery or witness. Exit code 0 if it is healthy, 1 if not.",
            "It asks http://HOST:PORT/observe/health and the consoles of the management server, whose address is"
                    + " in bactrian.management.host and bactrian.management.port, or in --hub. Of a pair both may be"
                    + " named: then it shows the active node, and says of the other how it is."
        })
final class StatusCommand implements Callable<Integer> {
    private static final long PAUSE_MS = 100;

    /** What a process may be, as the names of its consoles and of what they are in JSON. */
    private static final Map<String, String> CONSOLES =
            Map.of("bactrian", "figures", "speed", "speed", "discovery", "discovery", "witness", "witness");

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Waits so long for the hub to serve, such as 30s.")
    private @Nullable Duration wait;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Mixin
    private ManagedHubOptions management = new ManagedHubOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Configuration configuration = options.load(List.of());
        Node node = awaitServing(management.nodes(configuration));
        Map<String, JsonObject> figures = node.health().up() ? figures(node.client()) : Map.of();
        Map<ManagementClient, ManagementClient.Health> others = new LinkedHashMap<>();
        for (ManagementClient other : node.others()) {
            others.put(other, other.health());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(toJson(node, figures, others).toJson());
        } else {
            print(out, node, figures, others);
        }
        out.flush();
        return node.serves() ? ExitCode.OK : ExitCode.FAILED;
    }

    /** The node that was asked, and those that were named beside it. */
    private record Node(
            ManagementClient client,
            ManagementClient.Health health,
            Optional<JsonObject> pair,
            List<ManagementClient> others) {
        static Node of(HubNodes nodes) throws InterruptedException {
            ManagementClient client = nodes.inUse();
            ManagementClient.Health health = client.health();
            Optional<JsonObject> pair = health.up() ? PairStatus.of(client) : Optional.empty();
            return new Node(client, health, pair, nodes.others(client));
        }

        boolean standsBy() {
            return pair.filter(figures -> !PairStatus.isActive(figures)).isPresent();
        }

        /** A passive node is as it is to be, but if both are named, one is to be active. */
        boolean serves() {
            return health.up() && (others.isEmpty() || !standsBy());
        }
    }

    private Node awaitServing(HubNodes nodes) throws InterruptedException {
        long waitNs = wait == null ? 0 : wait.toNanos();
        long startedNs = System.nanoTime();
        CountDownLatch pause = new CountDownLatch(1);
        while (true) {
            Node node = Node.of(nodes);
            if (node.serves() || System.nanoTime() - startedNs >= waitNs) {
                return node;
            }
            // Nothing counts it down: it is a pause that an interrupt ends.
            if (pause.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
                return node;
            }
        }
    }

    /** By the names that they have in JSON. */
    private static Map<String, JsonObject> figures(ManagementClient client) throws InterruptedException {
        Map<String, JsonObject> all = new TreeMap<>();
        for (Map.Entry<String, String> console : CONSOLES.entrySet()) {
            // One that has nothing to show says so in a line.
            client.console(console.getKey(), "")
                    .filter(figures -> figures.size() > 1)
                    .ifPresent(figures -> all.put(console.getValue(), figures));
        }
        return all;
    }

    private static JsonObject toJson(
            Node node, Map<String, JsonObject> figures, Map<ManagementClient, ManagementClient.Health> others) {
        JsonObject json = new JsonObject();
        json.put("serves", node.serves());
        json.put("address", node.client().address());
        json.put("reason", node.health().reason());
        json.putAll(figures);
        node.pair().ifPresent(both -> json.put("pair", both));
        if (!others.isEmpty()) {
            JsonArray all = new JsonArray();
            others.forEach((client, health) -> {
                JsonObject other = new JsonObject();
                other.put("address", client.address());
                other.put("up", health.up());
                other.put("reason", health.reason());
                all.add(other);
            });
            json.put("others", all);
        }
        return json;
    }

    private static void print(
            PrintWriter out,
            Node node,
            Map<String, JsonObject> figures,
            Map<ManagementClient, ManagementClient.Health> others) {
        out.println(line(node.client(), node.health(), node.standsBy() ? " stands by" : " serves"));
        figures.values().forEach(all -> all.forEach((name, value) -> out.println("  " + name + ": " + value)));
        node.pair().ifPresent(both -> PairStatus.lines(both).forEach(out::println));
        others.forEach((client, health) -> out.println(line(client, health, node.serves() ? " stands by" : " is up")));
        if (!others.isEmpty() && !node.serves()) {
            out.println("no node of the pair is active");
        }
    }

    private static String line(ManagementClient client, ManagementClient.Health health, String up) {
        return client.address() + (health.up() ? up : " does not serve: " + health.reason());
    }
}
