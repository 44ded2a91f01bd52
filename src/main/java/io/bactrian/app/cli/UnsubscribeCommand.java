package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Subscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian unsubscribe TOPIC... --subscriber ID}. */
@Command(
        name = "unsubscribe",
        description = "Ends subscriptions of a durable subscriber: the hub keeps nothing of them for it any more.")
public final class UnsubscribeCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "TOPIC", description = "Topics, or prefixes as they were subscribed.")
    private List<String> topics = new ArrayList<>();

    @Option(names = "--subscriber", required = true, paramLabel = "ID", description = "The durable subscriber.")
    private String subscriberId = "";

    @Option(
            names = "--force",
            description =
                    "Also for a subscriber of another data folder: a process that runs there stops with an error.")
    private boolean force;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "10s",
            description = "Gives up when the hub has not answered for so long (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(10);

    @Mixin
    private HubOptions hub = new HubOptions();

    @Override
    public Integer call() throws InterruptedException {
        ClientSettings.Builder settings = hub.settings(subscriberId).requestTime(Duration.ofDays(1));
        if (!force && !settings.build().hasCursor()) {
            // A process that runs as this subscriber would be stopped.
            throw new CommandFailedException("No subscriber " + subscriberId + " in " + hub.folder()
                    + "; give the --data of the process that uses it, or --force if there is none any more");
        }
        Waiting waiting = new Waiting(spec.commandLine().getErr(), timeout);
        boolean all = true;
        try (Subscriber subscriber = hub.open(settings)) {
            for (String topic : topics) {
                boolean there = force || subscriber.patterns().contains(topic);
                waiting.answer(subscriber.unsubscribe(topic), () -> subscriber.waitsFor(Waiting.PATIENCE));
                if (!there) {
                    all = false;
                    spec.commandLine()
                            .getErr()
                            .println(subscriberId + " was not subscribed to " + topic + "; it has "
                                    + (subscriber.patterns().isEmpty() ? "no subscriptions" : subscriber.patterns()));
                }
            }
        }
        spec.commandLine().getErr().flush();
        return all ? ExitCode.OK : ExitCode.FAILED;
    }
}
