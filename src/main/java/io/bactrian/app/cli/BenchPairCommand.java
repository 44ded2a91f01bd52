package io.bactrian.app.cli;

import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.PairBench;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bactrian bench pair}. */
@Command(
        name = "pair",
        description = {
            "A pair of hubs beside a hub alone in the same run: accepted messages a second with sync and async replication, one"
                    + " at a time, and how long nothing is acknowledged when the active hub is killed, stopped or hands over.",
            "Then the Speeds a second that a pair of speed-limit servers acknowledges."
        })
public final class BenchPairCommand implements Callable<Integer> {
    @Option(
            names = "--cases",
            paramLabel = "CASE",
            split = ",",
            defaultValue = "flow,kill,stop,classic,switch,speed",
            description = {
                "What is measured, with commas between (${DEFAULT-VALUE}).",
                "A short run: --cases kill --kills 3, or --cases flow --messages 20000."
            })
    private Set<PairBench.Case> cases = Set.of();

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "How many of 64 octets in each stream (${DEFAULT-VALUE}).")
    private long messages;

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "50",
            description = "How often the active hub is killed (${DEFAULT-VALUE}).")
    private int kills;

    @Option(
            names = "--cuts",
            paramLabel = "N",
            defaultValue = "10",
            description =
                    "How often it is stopped instead, how often it is killed without a witness, and how often it hands over"
                            + " (${DEFAULT-VALUE}).")
    private int cuts;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "How long the speed-limit servers are measured, after 30 s to warm up (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--chart",
            paramLabel = "FILE",
            description = "Writes the acknowledgements of each millisecond around the last kill as SVG.")
    private @Nullable Path chart;

    @Option(names = "--json", description = "Prints a JSON array with one object for each figure.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PairBench.Options options;
        if (chart != null && !cases.contains(PairBench.Case.KILL)) {
            throw new ParameterException(spec.commandLine(), "--chart draws a kill: add kill to --cases");
        }
        try {
            options = new PairBench.Options(cases, messages, kills, cuts, seconds);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PrintWriter err = spec.commandLine().getErr();
        PairBench.Result result = PairBench.run(options, line -> {
            err.println(line);
            err.flush();
        });
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? result.json() : result.table());
        out.flush();
        if (chart != null && !result.chart().isEmpty()) {
            Files.writeString(chart, result.chart());
        }
        return ExitCode.OK;
    }
}
