package io.bactrian.app.cli;

import io.bactrian.app.Application;
import io.bactrian.app.CommandFailedException;
import io.bactrian.app.ConfigurationOptions;
import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.ship.core.ShipProgress;
import io.bactrian.ship.core.ShipSummary;
import io.bactrian.ship.routes.FolderSender;
import io.bactrian.ship.routes.ShipFailedException;
import io.bactrian.support.config.NumberUnit;
import io.bactrian.support.text.FileErrors;
import io.bactrian.zeromq.ZeroMqEndpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian ship FOLDER ADDRESS}: one round of the shipped route, with a progress bar. */
@Command(
        name = "ship",
        description = {
            "Makes a receiver's folder equal to FOLDER: only what changed is sent. The receiver is a node that runs the"
                    + " role ship-receive.",
            "Exit code 0 only when all is there, verified and on disk. What was cut goes on from where it was."
        })
public final class ShipCommand implements Callable<Integer> {
    private static final String ROUTE = "direct:ship-folder";
    private static final long LOOK_MS = 100;
    private static final Duration SILENCE = Duration.ofSeconds(2);

    @Parameters(index = "0", paramLabel = "FOLDER", description = "The folder that is shipped.")
    private Path folder = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "ADDRESS",
            description =
                    "The receiver, such as tcp://host:5590 or registry:receiver/ship, or several with commas between"
                            + " them: the next one is tried when one is silent.")
    private String address = "";

    @Option(names = "--target", paramLabel = "NAME", description = "A name below the receiver's folder.")
    private String target = "";

    @Option(names = "--no-delete", description = "Leaves at the receiver what is not here.")
    private boolean keep;

    @Option(
            names = "--bandwidth",
            paramLabel = "SIZE",
            description = "The most that is sent in a second, such as 512k or 10m; no limit if not given.")
    private @Nullable String bandwidth;

    @Option(
            names = "--append-only",
            paramLabel = "PATTERNS",
            description = "Files that only ever grow, such as *.segment; with commas between them.")
    private String appendOnly = "";

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "60s",
            description = "Gives up when the receiver is silent for so long (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(60);

    @Option(names = "--json", description = "Prints one JSON object instead of lines for people.")
    private boolean json;

    @Mixin
    private ConfigurationOptions configuration = new ConfigurationOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (!Files.isDirectory(folder)) {
            throw new CommandFailedException("no such folder: " + folder);
        }
        try (Application application = Application.start(configuration.load(List.of(), options()));
                ProducerTemplate template = application.context().createProducerTemplate()) {
            FolderSender sender =
                    application.context().getRegistry().lookupByNameAndType("bactrianShipSender", FolderSender.class);
            // Not by the configuration, where blanks at the end of a name and braces in it would mean something else.
            sender.setFolder(folder.toAbsolutePath().toString());
            CompletableFuture<ShipSummary> round = template.asyncRequestBody(ROUTE, null, ShipSummary.class);
            report(await(round, sender, application.context()), List.of());
            return ExitCode.OK;
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (IOException e) {
            throw new CommandFailedException("the command did not end well: " + FileErrors.say(e), e);
        }
    }

    private Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("bactrian.routes", "ship/ship-folder");
        options.put("camel.management.enabled", "false");
        options.put("bactrian.ship.to", address);
        options.put("bactrian.ship.target", target);
        options.put("bactrian.ship.delete", String.valueOf(!keep));
        options.put("bactrian.ship.appendOnly", appendOnly);
        options.put("bactrian.ship.giveUpMs", String.valueOf(timeout.toMillis()));
        if (bandwidth != null) {
            try {
                options.put("bactrian.ship.bandwidth.bytesPerSecond", String.valueOf(NumberUnit.SIZE.parse(bandwidth)));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--bandwidth=" + bandwidth + ": " + e.getMessage(), e);
            }
        }
        return options;
    }

    private ShipSummary await(CompletableFuture<ShipSummary> round, FolderSender sender, CamelContext context)
            throws InterruptedException, ExecutionException {
        // The round gives up by itself.
        Waiting waiting = new Waiting(spec.commandLine().getErr(), "the receiver", null);
        long receivedBytes = 0;
        long heardNanos = System.nanoTime();
        try (Progress progress = Progress.ofShipping(!json)) {
            while (!round.isDone()) {
                try {
                    ShipSummary summary = round.get(LOOK_MS, TimeUnit.MILLISECONDS);
                    progress.shipped(summary.shippedBytes(), summary.shippedBytes(), summary.sentBytes());
                } catch (TimeoutException e) {
                    ShipProgress now = sender.progress();
                    if (now != null && now.receivedBytes() != receivedBytes) {
                        receivedBytes = now.receivedBytes();
                        heardNanos = System.nanoTime();
                    }
                    waiting.look(silence(now, System.nanoTime() - heardNanos, sender, context));
                    if (now != null) {
                        progress.shipped(now.doneBytes(), now.wantedBytes(), now.sentBytes());
                    }
                }
            }
        }
        return round.get();
    }

    /** What is waited for: a receiver that was never heard, or not for long. */
    private static Optional<String> silence(
            @Nullable ShipProgress now, long silentNanos, FolderSender sender, CamelContext context) {
        if (now == null) {
            return Optional.empty();
        }
        if (now.receivedBytes() > 0) {
            return silentNanos < SILENCE.toNanos()
                    ? Optional.empty()
                    : Optional.of("the receiver at " + sender.address() + " has not answered for "
                            + TimeUnit.NANOSECONDS.toMillis(silentNanos) + " ms");
        }
        String obstacle = context.getEndpoints().stream()
                .filter(ZeroMqEndpoint.class::isInstance)
                .map(endpoint -> ((ZeroMqEndpoint) endpoint).getObstacle())
                .flatMap(Optional::stream)
                .findFirst()
                .orElse("does the role ship-receive run there?");
        return Optional.of("the receiver at " + sender.address() + " was never heard: " + obstacle);
    }

    private CommandFailedException failure(ExecutionException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ShipFailedException failed) {
                if (failed.summary() != null) {
                    report(failed.summary(), failed.summary().problems());
                    if (failed.summary().receivedBytes() == 0) {
                        return new CommandFailedException(
                                failed.getMessage() + "; does the role ship-receive run at " + address
                                        + ", and with the same security?",
                                e);
                    }
                }
                return new CommandFailedException(String.valueOf(failed.getMessage()), e);
            }
        }
        Throwable last = e;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return new CommandFailedException(String.valueOf(last.getMessage()), e);
    }

    private void report(ShipSummary summary, List<String> problems) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonObject object = new JsonObject();
            object.put("files", summary.files());
            object.put("shipped", summary.shipped());
            object.put("shippedBytes", summary.shippedBytes());
            object.put("literalBytes", summary.literalBytes());
            object.put("matchedBytes", summary.matchedBytes());
            object.put("deleted", summary.deleted());
            object.put("sentBytes", summary.sentBytes());
            object.put("receivedBytes", summary.receivedBytes());
            object.put("tookMs", summary.tookMs());
            object.put("problems", problems);
            out.println(object.toJson());
        } else {
            out.println(summary.text());
        }
        out.flush();
    }
}
