package io.bactrian.app.cli;

import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian peek TOPIC}. */
@Command(
        name = "peek",
        description = {
            "Shows the last messages of a topic, the oldest of them first, and ends: when the hub has logged each, its topic, its"
                    + " headers and its body.",
            "It leaves nothing behind: neither the hub nor this machine keeps anything of it."
        })
public final class PeekCommand implements Callable<Integer> {
    private static final Duration STEP = Duration.ofMillis(100);
    private static final int STRETCH_MIN = 1_000;
    private static final int STRETCH_GROWTH = 16;

    @Parameters(
            paramLabel = "TOPIC",
            description = "A topic; one that ends in * is a prefix, and \\* stands for the asterisk itself.")
    private String topic = "";

    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many messages (default: ${DEFAULT-VALUE}).")
    private int last;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "10s",
            description = "Gives up when the hub was not heard for so long (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(10);

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

    /** The last messages of a stretch of the log, and whether the log has none before it. */
    private record Stretch(Deque<Message> messages, boolean oldest) {}

    @Override
    public Integer call() throws InterruptedException {
        if (last < 1) {
            throw new ParameterException(spec.commandLine(), "--last must be at least 1");
        }
        Lookout lookout = new Lookout(hub, spec.commandLine().getErr());
        Deque<Message> found = found(lookout);
        MessageOutput out = new MessageOutput(json);
        found.forEach(out::write);
        out.flush();
        if (found.isEmpty()) {
            spec.commandLine().getErr().println("the hub keeps no message of " + topic);
            spec.commandLine().getErr().flush();
        }
        return ExitCode.OK;
    }

    /** Looks at the end of the log, and further and further back until there are enough: the log has no index of topics. */
    private Deque<Message> found(Lookout lookout) throws InterruptedException {
        long end;
        try (Subscriber subscriber = lookout.open()) {
            end = start(subscriber, Start.NOW) - 1;
        }
        long length = Math.max(STRETCH_MIN, (long) last * STRETCH_GROWTH);
        while (end > 0) {
            Stretch stretch = read(lookout, Math.max(1, end - length + 1), end);
            if (stretch.oldest() || stretch.messages().size() >= last) {
                return stretch.messages();
            }
            length *= STRETCH_GROWTH;
        }
        return new ArrayDeque<>();
    }

    private Stretch read(Lookout lookout, long from, long end) throws InterruptedException {
        Deque<Message> messages = new ArrayDeque<>();
        try (Subscriber subscriber = lookout.open()) {
            long start = start(subscriber, Start.at(from));
            Waiting waiting = new Waiting(spec.commandLine().getErr(), timeout);
            while (subscriber.position() < end) {
                Message message = subscriber.get(STEP);
                if (message != null && message.position() > end) {
                    break;
                }
                if (message != null) {
                    messages.add(message);
                    if (messages.size() > last) {
                        messages.remove();
                    }
                } else {
                    waiting.look(subscriber.waitsFor(Waiting.PATIENCE));
                }
            }
            return new Stretch(messages, from == 1 || start > from);
        }
    }

    /** The position from which the hub delivers. */
    private long start(Subscriber subscriber, Start from) throws InterruptedException {
        return new Waiting(spec.commandLine().getErr(), timeout)
                .answer(subscriber.subscribe(topic, from), () -> subscriber.waitsFor(Waiting.PATIENCE));
    }
}
