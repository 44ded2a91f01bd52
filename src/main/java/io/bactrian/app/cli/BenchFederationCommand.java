package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.FederationBench;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bactrian bench federation}. */
@Command(
        name = "federation",
        description = {
            "Three nodes of a federation on loopback, with their journals: how long a change takes to the parent and to the sibling,"
                    + " changes and records of history a second.",
            "And what a node of a large tree costs, counted in virtual time."
        })
public final class BenchFederationCommand implements Callable<Integer> {
    @Option(
            names = "--changes",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Changes one at a time (${DEFAULT-VALUE}).")
    private int changes;

    @Option(
            names = "--burst",
            paramLabel = "N",
            defaultValue = "20000",
            description = "Changes at once (${DEFAULT-VALUE}).")
    private int burst;

    @Option(
            names = "--history",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Records that a parent catches up with (${DEFAULT-VALUE}).")
    private int history;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Nodes of the simulated tree (${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where the journals are made; a temporary folder by default.")
    private @Nullable Path folder;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        FederationBench.Options options;
        try {
            options = new FederationBench.Options(changes, burst, history, nodes);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PrintWriter err = spec.commandLine().getErr();
        try {
            Path where = folder == null ? Files.createTempDirectory("bactrian-bench") : Files.createDirectories(folder);
            String table = FederationBench.run(options, where, line -> {
                err.println(line);
                err.flush();
            });
            spec.commandLine().getOut().print(table);
            spec.commandLine().getOut().flush();
        } catch (IOException e) {
            throw new CommandFailedException("The folder of the bench cannot be used: " + FileErrors.say(e), e);
        }
        return ExitCode.OK;
    }
}
