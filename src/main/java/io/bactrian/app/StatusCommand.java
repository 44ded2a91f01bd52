package io.bactrian.app;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
            "Says whether the hub serves, and shows its figures. Exit code 0 if it serves, 1 if not.",
            "It asks http://HOST:PORT/observe/health and /q/dev/bactrian of the management server, whose address is"
                    + " in bactrian.management.host and bactrian.management.port."
        })
final class StatusCommand implements Callable<Integer> {
    private static final long PAUSE_MS = 100;

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
    private ManagementOptions management = new ManagementOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Configuration configuration = options.load(List.of());
        ManagementClient client = management.client(configuration);
        ManagementClient.Health health = awaitUp(client);
        Optional<JsonObject> figures = health.up() ? client.figures() : Optional.empty();
        Optional<JsonObject> pair = health.up() ? PairStatus.of(client) : Optional.empty();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonObject all = toJson(client, health, figures);
            pair.ifPresent(both -> all.put("pair", both));
            out.println(all.toJson());
        } else {
            print(out, client, health, figures);
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

    private static JsonObject toJson(
            ManagementClient client, ManagementClient.Health health, Optional<JsonObject> figures) {
        JsonObject json = new JsonObject();
        json.put("serves", health.up());
        json.put("address", client.address());
        json.put("reason", health.reason());
        figures.ifPresent(f -> json.put("figures", f));
        return json;
    }

    private static void print(
            PrintWriter out, ManagementClient client, ManagementClient.Health health, Optional<JsonObject> figures) {
        out.println(client.address() + (health.up() ? " serves" : " does not serve: " + health.reason()));
        figures.ifPresent(f -> f.forEach((name, value) -> out.println("  " + name + ": " + value)));
    }
}
