package io.bactrian.app.cli;

import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.ShipBench;
import io.bactrian.app.bench.ShipBench.Result;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bactrian bench ship}. */
@Command(
        name = "ship",
        description = {
            "Octets on the wire and time of shipping, beside the real rsync in the same run with the same files, both over"
                    + " loopback and both with sync; sender and receiver are nodes of their own that are running.",
            "Needs rsync. Times are medians. Before each run with 1 GiB it waits some seconds."
        })
public final class BenchShipCommand implements Callable<Integer> {
    @Option(
            names = "--case",
            paramLabel = "NAME",
            split = ",",
            description = "Cases: ${COMPLETION-CANDIDATES}; all of them by default.")
    private List<ShipBench.Case> cases = new ArrayList<>(List.of(ShipBench.Case.values()));

    @Option(names = "--runs", paramLabel = "N", defaultValue = "5", description = "Runs that count (${DEFAULT-VALUE}).")
    private int runs;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where files are made; a temporary folder by default.")
    private @Nullable Path folder;

    @Option(names = "--json", description = "Prints a JSON array with one object for each case.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        List<Result> results = ShipBench.run(cases, runs, folder, line -> {
            err.println(line);
            err.flush();
        });
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? Result.json(results) : Result.table(results));
        out.flush();
        return ExitCode.OK;
    }
}
