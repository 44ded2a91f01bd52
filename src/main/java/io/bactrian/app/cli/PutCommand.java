package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.pubsub.client.Acceptance;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.RefusedException;
import io.bactrian.pubsub.client.WindowFullException;
import io.bactrian.wire.PatternKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian put TOPIC [MESSAGE | --file F | -]}. */
@Command(
        name = "put",
        description = {
            "Puts messages to a topic: MESSAGE, or each line of a file or of standard input.",
            "Exit code 0 only when the hub has accepted every one; else it says which it could not deliver. It goes on"
                    + " by itself when the hub is restarted."
        })
public final class PutCommand implements Callable<Integer> {
    private static final int TOLD_MAX = 10;
    private static final long FLUSH_STEP_MS = 200;
    private static final long SETTLED_NANOS = 1_000_000_000;

    @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic.")
    private String topic = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "MESSAGE",
            description = "One message; - or nothing reads lines of standard input.")
    private @Nullable String message;

    @Option(names = "--file", paramLabel = "F", description = "Puts the lines of a file.")
    private @Nullable Path file;

    @Option(names = "--null", description = "Messages end in an octet of zero and not in a newline.")
    private boolean nul;

    @Option(
            names = "--header",
            paramLabel = "NAME=VALUE",
            description = "Gives each message this header, which subscribers get beside the body; may be given again.")
    private List<String> headers = new ArrayList<>();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Gives up when nothing was accepted for so long (default: ${DEFAULT-VALUE}).",
            defaultValue = "30s")
    private Duration timeout = Duration.ofSeconds(30);

    @Option(
            names = "--keep-going",
            description =
                    "Goes on when the hub refuses a message for good; by default it stops there, and puts no more.")
    private boolean keepGoing;

    @Option(
            names = "--publisher",
            paramLabel = "ID",
            description = "The publisher's id, which only one process may use at a time; made if not given.")
    private @Nullable String publisherId;

    @Option(names = "--json", description = "Prints one JSON object: accepted, failed, errors.")
    private boolean json;

    @Mixin
    private HubOptions hub = new HubOptions();

    @Spec
    private CommandSpec spec;

    /** What was put and is not decided as far as was looked, in order. */
    private final ArrayDeque<CompletableFuture<Accepted>> underWay = new ArrayDeque<>();

    private final List<Failures> failures = new ArrayList<>();
    private long accepted;
    private long failed;
    private boolean givenUp;
    private boolean refused;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (message != null && file != null) {
            throw new ParameterException(spec.commandLine(), "give MESSAGE or --file, not both");
        }
        Map<String, String> named = headers();
        // Before a folder is made, and before the hub hears of anybody.
        PatternKind.TOPIC.check(topic);
        hub.settings("put").build();
        try (InputStream in = input();
                PublisherSlot slot = publisherId == null ? hub.slot() : null) {
            String id = publisherId != null ? publisherId : slot == null ? "put" : slot.id();
            long total = file == null ? -1 : Files.size(file);
            try (Publisher publisher = Publisher.open(hub.settings(id)
                            .blockTime(timeout)
                            .closeTime(Duration.ZERO)
                            .stopAtRefusal(!keepGoing)
                            .build());
                    Progress progress = Progress.of(!json, total)) {
                putAll(publisher, named, new RecordReader(in, nul ? '\0' : '\n'), progress);
                awaitAccepted(publisher, progress);
            }
        } catch (NoSuchFileException e) {
            throw new CommandFailedException("no such file: " + e.getMessage(), e);
        }
        // The close has decided the rest.
        decide();
        report();
        return failed == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    private InputStream input() throws IOException {
        if (file != null) {
            if (Files.isDirectory(file)) {
                throw new CommandFailedException(file + " is a folder; --file wants a file of lines");
            }
            return Files.newInputStream(file);
        }
        return message == null || message.equals("-")
                ? System.in
                : new ByteArrayInputStream((message + (nul ? '\0' : '\n')).getBytes(StandardCharsets.UTF_8));
    }

    private Map<String, String> headers() {
        try {
            return HeaderArguments.parse(headers);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--header: " + e.getMessage(), e);
        }
    }

    private void putAll(Publisher publisher, Map<String, String> named, RecordReader records, Progress progress)
            throws IOException {
        byte[] record = message != null && !message.equals("-") && file == null
                ? message.getBytes(StandardCharsets.UTF_8)
                : records.read();
        boolean single = message != null && !message.equals("-");
        while (record != null && !givenUp && !stopped()) {
            underWay.add(publisher.put(topic, named, record, Acceptance.HUB));
            decide();
            progress.read(record.length + 1L, accepted);
            record = single ? null : records.read();
        }
        while (record != null && givenUp) {
            failed++;
            record = records.read();
        }
    }

    /** Counts what is decided. It is looked for and not told, as a callback for each message costs more than the message. */
    private void decide() {
        while (!underWay.isEmpty() && underWay.element().isDone()) {
            CompletableFuture<Accepted> first = underWay.remove();
            if (!first.isCompletedExceptionally()) {
                accepted++;
            } else {
                failed(first.handle((done, cause) -> cause).join());
            }
        }
    }

    private void failed(Throwable cause) {
        failed++;
        givenUp |= cause instanceof WindowFullException;
        refused |= cause instanceof RefusedException;
        long number = accepted + failed;
        String why = String.valueOf(cause.getMessage());
        Failures last = failures.isEmpty() ? null : failures.get(failures.size() - 1);
        if (last != null && last.to == number - 1 && last.why.equals(why)) {
            failures.set(failures.size() - 1, new Failures(last.from, number, why));
        } else if (failures.size() < TOLD_MAX) {
            failures.add(new Failures(number, number, why));
        }
    }

    /** Messages one after another that failed for the same reason. */
    private record Failures(long from, long to, String why) {
        @Override
        public String toString() {
            return (from == to ? "message " + from : "messages " + from + " to " + to) + ": " + why;
        }
    }

    /** Goes on for as long as something is accepted within the timeout; what is left then fails with the close. */
    private void awaitAccepted(Publisher publisher, Progress progress) throws InterruptedException {
        Waiting waiting = new Waiting(spec.commandLine().getErr(), null);
        long decided = -1;
        long movedNanos = System.nanoTime();
        while (!publisher.flush(Duration.ofMillis(FLUSH_STEP_MS))) {
            decide();
            long now = accepted + failed;
            if (now != decided) {
                decided = now;
                movedNanos = System.nanoTime();
            } else if (System.nanoTime() - movedNanos > (stopped() ? SETTLED_NANOS : timeout.toNanos())) {
                return;
            }
            waiting.look(publisher.waitsFor(Waiting.PATIENCE));
            progress.accepted(accepted);
        }
        decide();
        progress.accepted(accepted);
    }

    /** Whether nothing more is put: what was put before the refusal is decided soon, and the rest never. */
    private boolean stopped() {
        return refused && !keepGoing;
    }

    private void report() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (json) {
            JsonObject object = new JsonObject();
            object.put("accepted", accepted);
            object.put("failed", failed);
            object.put("errors", failures.stream().map(Failures::toString).toList());
            out.println(object.toJson());
        } else if (failed > 0) {
            err.println("accepted " + accepted + " messages, could not deliver " + failed
                    + (stopped() ? ", and put no more (--keep-going does):" : ":"));
            failures.forEach(some -> err.println("  " + some));
            long told =
                    failures.stream().mapToLong(some -> some.to - some.from + 1).sum();
            if (failed > told) {
                err.println("  and " + (failed - told) + " more");
            }
        }
        out.flush();
        err.flush();
    }
}
