package io.bactrian.app;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bactrian topics}: what the log of a running hub holds. */
@Command(
        name = "topics",
        description = {
            "Lists the topics that the hub's log holds: messages, bytes, name.",
            "It asks the management server of the hub, as status does."
        })
final class TopicsCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Prints one JSON array of {topic, messages, bytes}.")
    private boolean json;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Configuration configuration = options.load(List.of());
        ManagementClient client = new ManagementClient(configuration);
        ManagementClient.Health health = client.health();
        JsonArray held = client.topics()
                .map(figures -> figures.get("held"))
                .filter(JsonArray.class::isInstance)
                .map(JsonArray.class::cast)
                .orElseThrow(() -> new CommandFailedException(client.address() + " runs no hub: " + health.reason()));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(held.toJson());
        } else {
            held.forEach(topic -> print(out, topic));
        }
        out.flush();
        return ExitCode.OK;
    }

    private static void print(PrintWriter out, Object topic) {
        Map<?, ?> one = topic instanceof JsonObject object ? object : Map.of();
        out.printf("%12s %14s  %s%n", one.get("messages"), one.get("bytes"), one.get("topic"));
    }
}
