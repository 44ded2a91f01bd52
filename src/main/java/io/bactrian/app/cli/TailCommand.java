package io.bactrian.app.cli;

import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian tail TOPIC...}. */
@Command(
        name = "tail",
        description = {
            "Shows messages as they come, until Ctrl-C: when the hub has logged each, its topic, its headers and its body.",
            "It leaves nothing behind: neither the hub nor this machine keeps anything of it, and the hub does not keep messages"
                    + " for it. While it runs it goes on by itself where it was when the hub is started again, or the other hub of a"
                    + " pair takes over; what the hub has deleted before it was shown is told."
        })
public final class TailCommand implements Callable<Integer> {
    private static final Duration NO_WAIT = Duration.ZERO;
    private static final Duration STEP = Duration.ofMillis(100);

    @Parameters(
            arity = "1..*",
            paramLabel = "TOPIC",
            description = "Topics; one that ends in * is a prefix, and \\* stands for the asterisk itself.")
    private List<String> topics = new ArrayList<>();

    @Option(
            names = "--from",
            paramLabel = "START",
            converter = StartConverter.class,
            defaultValue = "now",
            description =
                    "Where it begins: now, oldest, a position, or a time such as 2026-01-01T00:00:00Z (default: ${DEFAULT-VALUE}).")
    private Start from = Start.NOW;

    @Option(names = "--count", paramLabel = "N", description = "Ends after so many messages.")
    private @Nullable Long count;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Gives up when the hub was not heard for so long; by default it waits for ever.")
    private @Nullable Duration timeout;

    @Option(
            names = "--json",
            description =
                    "Writes each message as a JSON object with its headers; body is its text, or bodyBase64 its octets if"
                            + " they are not UTF-8.")
    private boolean json;

    @Mixin
    private HubOptions hub = new HubOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count must be at least 1");
        }
        try (StopHook stop = new StopHook("tail", "did not end in time; the hub forgets it a little later");
                Subscriber subscriber = new Lookout(hub, spec.commandLine().getErr()).open()) {
            List<CompletableFuture<Long>> subscriptions = new ArrayList<>();
            for (String topic : topics) {
                subscriptions.add(subscriber.subscribe(topic, from));
            }
            MessageOutput out = new MessageOutput(json);
            Waiting waiting = new Waiting(spec.commandLine().getErr(), timeout);
            long shown = 0;
            while (!stop.isStopping() && (count == null || shown < count)) {
                Message message = subscriber.get(NO_WAIT);
                if (message == null) {
                    out.flush();
                    waiting.look(subscriber.waitsFor(Waiting.PATIENCE));
                    Answers.areThere(subscriptions);
                    message = subscriber.get(STEP);
                }
                if (message != null) {
                    out.write(message);
                    shown++;
                }
            }
            out.flush();
        }
        return ExitCode.OK;
    }
}
