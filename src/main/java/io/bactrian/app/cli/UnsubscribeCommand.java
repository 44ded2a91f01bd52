package io.bactrian.app.cli;

import io.bactrian.app.ExitCode;
import io.bactrian.pubsub.client.Subscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bactrian unsubscribe TOPIC... --subscriber ID}. */
@Command(
        name = "unsubscribe",
        description = "Ends subscriptions of a durable subscriber: the hub keeps nothing of them for it any more.")
public final class UnsubscribeCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "TOPIC", description = "Topics, or prefixes as they were subscribed.")
    private List<String> topics = new ArrayList<>();

    @Option(names = "--subscriber", required = true, paramLabel = "ID", description = "The durable subscriber.")
    private String subscriberId = "";

    @Mixin
    private HubOptions hub = new HubOptions();

    @Override
    public Integer call() throws InterruptedException {
        try (Subscriber subscriber = Subscriber.open(hub.settings(subscriberId).build())) {
            for (String topic : topics) {
                Answers.await(subscriber.unsubscribe(topic));
            }
        }
        return ExitCode.OK;
    }
}
