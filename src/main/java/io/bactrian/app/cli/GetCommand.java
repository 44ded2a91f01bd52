package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.app.OutputClosedException;
import io.bactrian.app.StandardOutput;
import io.bactrian.pubsub.client.Acknowledge;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian get TOPIC... --subscriber ID}. */
@Command(
        name = "get",
        description = {
            "Gets messages as a durable subscriber and writes one a line; ends when there are no more.",
            "With --output each line is in the file exactly once, also after kill -9: the file's length is stored with"
                    + " the cursor, and the file is cut to it at the start. To standard output it is at least once: after"
                    + " a crash the last lines may come again.",
            "A new subscriber begins at the oldest message. It goes on by itself when the hub is restarted."
        })
public final class GetCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(GetCommand.class);
    private static final Duration IDLE = Duration.ofMillis(1_500);
    private static final Duration NO_WAIT = Duration.ZERO;
    private static final Duration STEP = Duration.ofMillis(100);
    private static final int FLUSH_SHARE = 4;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int CHUNK_MESSAGES = 1 << 16;

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
                    "Where a new subscription begins: oldest, now, a position, or a time such as 2026-01-01T00:00:00Z (default:"
                            + " ${DEFAULT-VALUE}).")
    private Start from = Start.OLDEST;

    @Option(names = "--count", paramLabel = "N", description = "Ends after so many messages, and waits for them.")
    private @Nullable Long count;

    @Option(names = "--follow", description = "Does not end when there are no more messages.")
    private boolean follow;

    @Option(
            names = "--output",
            paramLabel = "F",
            description =
                    "Appends to a file, each message exactly once. To rotate it, move it away or copy and empty it, also while"
                            + " it is written: a new one begins. Only if this command is killed within moments of that, its last lines"
                            + " may be in both.")
    private @Nullable Path output;

    @Option(
            names = "--append",
            description =
                    "With --output: appends to a file that has content although there is no cursor of this subscriber"
                            + " here; what is in it may come again.")
    private boolean append;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Gives up when the hub was not heard for so long; by default it waits for ever.")
    private @Nullable Duration timeout;

    @Option(names = "--null", description = "Ends each message with an octet of zero, for bodies with newlines.")
    private boolean nul;

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

    private final OutputBuffer chunk = new OutputBuffer(1 << 16);
    private long written;
    private long flushed;
    private @Nullable Message last;
    /** The last message of what is being flushed, null if nothing is. */
    private @Nullable Message flushing;

    private long flushedNanos;
    private long flushNanos;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (nul && json) {
            throw new ParameterException(spec.commandLine(), "give --null or --json, not both");
        }
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count must be at least 1");
        }
        // At Ctrl-C what is written is still saved.
        try (StopHook stop = new StopHook("get", "did not end in time; the last messages come again");
                GetOutput out = GetOutput.to(output)) {
            ClientSettings.Builder settings = hub.settings(subscriberId)
                    .acknowledge(Acknowledge.EXPLICIT)
                    .requestTime(Duration.ofDays(365))
                    .outputLength(out.size())
                    .outputAppends(append);
            try (Subscriber subscriber = hub.open(settings)) {
                if (out.cutTo(output == null ? OptionalLong.empty() : subscriber.outputLength())) {
                    subscriber.outputBegins();
                    LOG.info(
                            "the output is empty, as its former content was moved away: it begins anew file={}",
                            output);
                }
                getAll(subscriber, out, stop);
            }
        }
        return ExitCode.OK;
    }

    private void getAll(Subscriber subscriber, GetOutput out, StopHook stop) throws IOException, InterruptedException {
        OutputFormat format = json ? OutputFormat.JSON : nul ? OutputFormat.NULL : OutputFormat.LINE;
        List<CompletableFuture<Long>> subscriptions = new ArrayList<>();
        for (String topic : topics) {
            subscriptions.add(subscriber.subscribe(topic, from));
        }
        Waiting waiting = new Waiting(spec.commandLine().getErr(), timeout);
        boolean toldCount = false;
        long idleNanos = System.nanoTime();
        while (!stop.isStopping() && (count == null || written < count)) {
            Message message = subscriber.get(NO_WAIT);
            if (message == null) {
                message = subscriber.get(Duration.ofNanos(untilFlush()));
            }
            if (message == null) {
                flush(subscriber, out);
                endFlush(subscriber, out);
                waiting.look(subscriber.waitsFor(Waiting.PATIENCE));
                message = subscriber.get(STEP);
            }
            if (message != null) {
                format.write(message, chunk);
                written++;
                last = message;
                idleNanos = System.nanoTime();
                if (chunk.size() >= CHUNK_BYTES || written - flushed >= CHUNK_MESSAGES) {
                    flush(subscriber, out);
                }
            } else if (subscriber.waitsForRepair() && !follow) {
                throw new CommandFailedException(
                        "Not everything came: " + subscriber.waitsFor(IDLE).orElse("the hub's log is damaged"));
            } else if (Answers.areThere(subscriptions)
                    && !follow
                    && count == null
                    && System.nanoTime() - idleNanos > IDLE.toNanos()
                    && subscriber.isConnected(IDLE)) {
                break;
            } else if (!toldCount
                    && count != null
                    && System.nanoTime() - idleNanos > IDLE.toNanos()
                    && Answers.areThere(subscriptions)
                    && subscriber.isConnected(IDLE)) {
                spec.commandLine()
                        .getErr()
                        .println("waiting for messages of " + String.join(", ", topics) + ": " + written + " of "
                                + count + " have come");
                spec.commandLine().getErr().flush();
                toldCount = true;
            } else if (!Answers.areThere(subscriptions) || !subscriber.isConnected(IDLE)) {
                idleNanos = System.nanoTime();
            }
        }
        flush(subscriber, out);
        endFlush(subscriber, out);
        if (written == 0 && !stop.isStopping()) {
            spec.commandLine()
                    .getErr()
                    .println("no messages of " + String.join(", ", topics) + " for subscriber " + subscriberId
                            + ": nothing new is kept, or the topic is another");
            spec.commandLine().getErr().flush();
        }
    }

    /**
     * Nanoseconds for which more is gathered when nothing is waiting: a stream that comes in small pieces keeps the disk busy for a
     * fifth of the time at most, and a lone message is written at once.
     */
    private long untilFlush() {
        return Math.min(Math.max(0, flushedNanos + FLUSH_SHARE * flushNanos - System.nanoTime()), STEP.toNanos());
    }

    /** Writes what has gathered; {@link #endFlush} says that it is processed when it is on disk. */
    private void flush(Subscriber subscriber, GetOutput out) throws IOException, InterruptedException {
        Message upTo = last;
        if (upTo == null || written == flushed) {
            return;
        }
        endFlush(subscriber, out);
        try {
            if (out.wasMovedAway()) {
                subscriber.outputBegins();
                out.beginAnew();
                LOG.info("the output was moved away or emptied: it begins anew file={}", output);
            }
            out.write(chunk.array(), chunk.size());
        } catch (IOException e) {
            throw notWritten(e);
        }
        out.beginFlush();
        chunk.clear();
        flushed = written;
        flushing = upTo;
    }

    private void endFlush(Subscriber subscriber, GetOutput out) throws InterruptedException {
        Message upTo = flushing;
        if (upTo == null) {
            return;
        }
        try {
            flushNanos = out.endFlush();
        } catch (IOException e) {
            throw notWritten(e);
        }
        flushing = null;
        flushedNanos = System.nanoTime();
        subscriber.processed(upTo, out.length());
    }

    private RuntimeException notWritten(IOException e) {
        return StandardOutput.isClosedPipe(e)
                ? new OutputClosedException(e)
                : new CommandFailedException(
                        "Cannot write to " + (output == null ? "standard output" : output) + ": " + FileErrors.say(e)
                                + "; what was not written comes again",
                        e);
    }
}
