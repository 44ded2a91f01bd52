package io.bactrian.app.cli;

import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.PubsubBench;
import io.bactrian.app.bench.PubsubResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bactrian bench pubsub}. */
@Command(
        name = "pubsub",
        description = {
            "Messages a second, and the time from put to get, through a hub that syncs what it accepts: one put and one"
                    + " get for each message, hub, publishers and subscribers each a process.",
            "In the same run JeroMQ's PUB and SUB carry the same, one message a frame, without a hub."
        })
public final class BenchPubsubCommand implements Callable<Integer> {
    @Option(names = "--size", paramLabel = "N", defaultValue = "64", description = "Octets of a message.")
    private int size;

    @Option(names = "--publishers", paramLabel = "N", defaultValue = "1", description = "Processes that put.")
    private int publishers;

    @Option(names = "--subscribers", paramLabel = "N", defaultValue = "1", description = "Processes that get all.")
    private int subscribers;

    @Option(names = "--messages", paramLabel = "N", defaultValue = "2000000", description = "How many are put.")
    private long messages;

    @Option(
            names = "--duration",
            paramLabel = "T",
            converter = DurationConverter.class,
            description = "Lets messages flow for so long and reports the heaps after collections instead.")
    private @Nullable Duration duration;

    @Option(names = "--profile", paramLabel = "F", description = "Writes a flight recording of the hub.")
    private @Nullable Path profile;

    @Option(names = "--json", description = "Prints a JSON array with one object for each case.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PubsubBench.Options options;
        try {
            options = new PubsubBench.Options(size, publishers, subscribers, messages, duration, profile);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PrintWriter err = spec.commandLine().getErr();
        List<PubsubResult> results = PubsubBench.run(options, line -> {
            err.println(line);
            err.flush();
        });
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? PubsubResult.json(results) : PubsubResult.table(results));
        out.flush();
        return ExitCode.OK;
    }
}
