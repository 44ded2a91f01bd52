package io.bactrian.app;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
                    + " speed-limit server or discovery. Exit code 0 if it is healthy, 1 if not.",
            "It asks http://HOST:PORT/observe/health and the consoles of the management server, whose address is"
                    + " in bactrian.management.host and bactrian.management.port."
        })
final class StatusCommand implements Callable<Integer> {
    private static final long PAUSE_MS = 100;

    /** What a process may be, as the names of its consoles and of what they are in JSON. */
    private static final Map<String, String> CONSOLES =
            Map.of("bactrian", "figures", "speed", "speed", "discovery", "discovery");

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
        ManagementClient client = management.client(configuration);
        ManagementClient.Health health = awaitUp(client);
        Map<String, JsonObject> figures = health.up() ? figures(client) : Map.of();
        Optional<JsonObject> pair = health.up() ? PairStatus.of(client) : Optional.empty();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonObject all = toJson(client, health, figures);
            pair.ifPresent(both -> all.put("pair", both));
            out.println(all.toJson());
        } else {
            print(out, client, health, pair, figures);
            pair.ifPresent(both -> PairStatus.lines(both).forEach(out::println));
        }
        out.flush();
        return health.up() ? ExitCode.OK : ExitCode.FAILED;
    }

    private ManagementClient.Health awaitUp(ManagementClient client) throws InterruptedException {
        long waitNs = wait == null ? 0 : wait.toNanos();
        long startedNs = System.nanoTime();
        CountDownLatch pause = new CountDownLatch(1);
        while (true) {
            ManagementClient.Health health = client.health();
            if (health.up() || System.nanoTime() - startedNs >= waitNs) {
                return health;
            }
            // Nothing counts it down: it is a pause that an interrupt ends.
            if (pause.await(PAUSE_MS, TimeUnit.MILLISECONDS)) {
                return health;
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
            ManagementClient client, ManagementClient.Health health, Map<String, JsonObject> figures) {
        JsonObject json = new JsonObject();
        json.put("serves", health.up());
        json.put("address", client.address());
        json.put("reason", health.reason());
        json.putAll(figures);
        return json;
    }

    private static void print(
            PrintWriter out,
            ManagementClient client,
            ManagementClient.Health health,
            Optional<JsonObject> pair,
            Map<String, JsonObject> figures) {
        boolean standsBy = pair.filter(node -> !PairStatus.isActive(node)).isPresent();
        String up = standsBy ? " stands by" : " serves";
        out.println(client.address() + (health.up() ? up : " does not serve: " + health.reason()));
        figures.values().forEach(all -> all.forEach((name, value) -> out.println("  " + name + ": " + value)));
    }
}
