package io.bactrian.app.cli;

import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.CaseResult;
import io.bactrian.app.bench.ComponentBench;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bactrian bench component}. */
@Command(
        name = "component",
        description = "The zeromq: component against hand-written JeroMQ loops, in the same process and in turns.")
public final class BenchComponentCommand implements Callable<Integer> {
    @Option(
            names = "--case",
            paramLabel = "NAME",
            description = "Only the cases whose name contains this.",
            defaultValue = "")
    private String only = "";

    @Option(names = "--json", description = "Prints a JSON array with one object for each case.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<CaseResult> results = ComponentBench.run(ComponentBench.Options.of(only));
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? CaseResult.json(results) : CaseResult.table(results));
        out.flush();
        return ExitCode.OK;
    }
}
