package io.bactrian.app.cli;

import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.BackupBench;
import io.bactrian.support.config.NumberUnit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bactrian bench backup}. */
@Command(
        name = "backup",
        description = {
            "What a backup costs a hub with a large log: octets written for 1 MiB that has changed, and the time of a put"
                    + " in the first backup, with a backup every three seconds and without.",
            "Needs room for the log, and for as much again with --copies."
        })
public final class BenchBackupCommand implements Callable<Integer> {
    @Option(
            names = "--log",
            paramLabel = "SIZE",
            defaultValue = "10g",
            description = "How large the log is (${DEFAULT-VALUE}).")
    private String log = "10g";

    @Option(names = "--copies", description = "Closed segments are copied and not linked.")
    private boolean copies;

    @Option(
            names = "--full-load",
            description =
                    "Messages are put as fast as the hub accepts them, not 350 in a second; that takes room, too.")
    private boolean fullLoad;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Turns with and without backups (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "15",
            description = "How long each of them is (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where log and backups are made; a temporary folder by default.")
    private @Nullable Path folder;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        long bytes;
        try {
            bytes = NumberUnit.SIZE.parse(log);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--log=" + log + ": " + e.getMessage(), e);
        }
        if (rounds < 1 || seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds and --seconds must be at least 1");
        }
        PrintWriter err = spec.commandLine().getErr();
        BackupBench.Result result = BackupBench.run(bytes, !copies, fullLoad, rounds, seconds, folder, line -> {
            err.println(line);
            err.flush();
        });
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? result.json() : result.table());
        out.flush();
        return ExitCode.OK;
    }
}
