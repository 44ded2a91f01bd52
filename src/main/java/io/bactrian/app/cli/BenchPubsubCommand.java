package io.bactrian.app.cli;

import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.PubsubBench;
import io.bactrian.app.bench.PubsubResult;
import io.bactrian.app.bench.RateBench;
import io.bactrian.app.bench.RateChart;
import io.bactrian.app.bench.RateResult;
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
            "In the same run JeroMQ's PUB and SUB carry the same, one message a frame, without a hub.",
            "With --rate or --curve it is the time from put to get at given rates instead."
        })
public final class BenchPubsubCommand implements Callable<Integer> {
    private static final Duration RATE_DURATION = Duration.ofSeconds(10);

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
            description =
                    "Lets messages flow for so long and reports the heaps after collections instead. With --rate or --curve: for"
                            + " how long each rate is measured (10s).")
    private @Nullable Duration duration;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Puts so many messages a second, each when it is due, and counts their time from then.")
    private @Nullable Long rate;

    @Option(
            names = "--curve",
            description = "The same at ten rates, from 10 to 110 %% of the highest, which is measured before.")
    private boolean curve;

    @Option(names = "--chart", paramLabel = "F", description = "With --curve: writes a chart in SVG.")
    private @Nullable Path chart;

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
        if (rate != null || curve) {
            print(atRates(options));
            return ExitCode.OK;
        }
        List<PubsubResult> results = PubsubBench.run(options, this::tell);
        print(json ? PubsubResult.json(results) : PubsubResult.table(results));
        return ExitCode.OK;
    }

    private String atRates(PubsubBench.Options options) throws IOException {
        Long given = rate;
        if ((given != null && curve) || publishers != 1 || profile != null || (given != null && given < 1)) {
            throw new ParameterException(
                    spec.commandLine(), "--rate of at least 1 or --curve, with one publisher and without --profile");
        }
        RateBench bench = new RateBench(
                options.size(), options.subscribers(), duration == null ? RATE_DURATION : duration, this::tell);
        List<RateResult> results = given == null ? bench.curve() : bench.at(given);
        if (chart != null) {
            RateChart.write(results, chart);
        }
        return json ? RateResult.json(results) : RateResult.table(results);
    }

    private void tell(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }
}
