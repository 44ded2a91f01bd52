package io.bactrian.app.cli;

import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian subscribe TOPIC... --subscriber ID}. */
@Command(
        name = "subscribe",
        description = {
            "Subscribes a durable subscriber, so that the hub keeps messages for it from now on.",
            "A subscription that is there already stays as it is."
        })
public final class SubscribeCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "TOPIC",
            description = "Topics; one that ends in * is a prefix, and \\* stands for the asterisk itself.")
    private List<String> topics = new ArrayList<>();

    @Option(names = "--subscriber", required = true, paramLabel = "ID", description = "The durable subscriber.")
    private String subscriberId = "";

    @Option(
            names = "--from",
            paramLabel = "START",
            converter = StartConverter.class,
            defaultValue = "oldest",
            description =
                    "Where it begins: oldest, now, a position, or a time such as 2026-01-01T00:00:00Z (default: ${DEFAULT-VALUE}).")
    private Start from = Start.OLDEST;

    @Option(names = "--json", description = "Prints a JSON object for each topic.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "10s",
            description = "Gives up when the hub has not answered for so long (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(10);

    @Mixin
    private HubOptions hub = new HubOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Waiting waiting = new Waiting(spec.commandLine().getErr(), timeout);
        try (Subscriber subscriber = hub.open(hub.settings(subscriberId).requestTime(Duration.ofDays(1)))) {
            for (String topic : topics) {
                long start =
                        waiting.answer(subscriber.subscribe(topic, from), () -> subscriber.waitsFor(Waiting.PATIENCE));
                if (json) {
                    JsonObject object = new JsonObject();
                    object.put("topic", topic);
                    object.put("start", start);
                    spec.commandLine().getOut().println(object.toJson());
                } else {
                    spec.commandLine().getOut().println(topic + " from position " + start);
                }
            }
        }
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
