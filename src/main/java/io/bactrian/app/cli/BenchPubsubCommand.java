package io.bactrian.app.cli;

import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.CatchUpResult;
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
import picocli.CommandLine.ArgGroup;
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
            "One message at a time is measured too, and the disk's own sync of 4 KiB.",
            "Half a minute goes by before: Java compiles what runs often."
        })
public final class BenchPubsubCommand implements Callable<Integer> {
    private static final String DURATION = "3s";

    @Option(names = "--size", paramLabel = "N", defaultValue = "64", description = "Octets of a message.")
    private int size;

    @Option(names = "--publishers", paramLabel = "N", defaultValue = "1", description = "Processes that put.")
    private int publishers;

    @Option(names = "--subscribers", paramLabel = "N", defaultValue = "1", description = "Processes that get all.")
    private int subscribers;

    @Option(
            names = "--duration",
            paramLabel = "T",
            defaultValue = DURATION,
            converter = DurationConverter.class,
            description = "How long each measurement takes (" + DURATION + ").")
    private Duration duration = new DurationConverter().convert(DURATION);

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often each is measured; medians are reported (5).")
    private int rounds;

    @ArgGroup
    private @Nullable Instead instead;

    /** What is measured instead of the highest rate. */
    private static final class Instead {
        @Option(
                names = "--rate",
                paramLabel = "N",
                description =
                        "Instead: puts so many messages a second, each when it is due, and counts their time from then.")
        private @Nullable Long rate;

        @Option(
                names = "--curve",
                description =
                        "Instead: the same at ten rates, from 10 to 110 %% of the highest, which is measured before.")
        private boolean curve;

        @Option(
                names = "--catch-up",
                description =
                        "Instead: how fast a subscriber catches up that returns under load, and what that costs others.")
        private boolean catchUp;

        @Option(
                names = "--heaps",
                description = "Instead: lets messages flow for the duration and reports the heaps after collections.")
        private boolean heaps;
    }

    @Option(names = "--chart", paramLabel = "F", description = "With --curve: writes a chart in SVG.")
    private @Nullable Path chart;

    @Option(names = "--profile", paramLabel = "F", description = "Writes a flight recording of the hub.")
    private @Nullable Path profile;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Instead other = instead == null ? new Instead() : instead;
        if (other.rate != null && other.rate < 1) {
            throw new ParameterException(spec.commandLine(), "--rate must be at least 1");
        }
        if (chart != null && !other.curve) {
            throw new ParameterException(spec.commandLine(), "--chart needs --curve");
        }
        RateBench bench;
        try {
            bench = new RateBench(
                    new RateBench.Options(size, publishers, subscribers, duration, rounds, profile), this::tell);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        if (other.rate != null) {
            rates(bench.at(other.rate));
        } else if (other.curve) {
            rates(bench.curve());
        } else if (other.catchUp) {
            CatchUpResult result = bench.catchUp();
            print(json ? result.json() : result.text());
        } else if (other.heaps) {
            bench.heaps();
        } else {
            List<PubsubResult> results = bench.ratios();
            print(json ? PubsubResult.json(results) : PubsubResult.table(results));
        }
        return ExitCode.OK;
    }

    private void rates(List<RateResult> results) throws IOException {
        if (chart != null) {
            RateChart.write(results, chart);
        }
        print(json ? RateResult.json(results) : RateResult.table(results));
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
