package io.bactrian.app.cli;

import io.bactrian.app.BactrianCommand;
import io.bactrian.app.bench.CliBench;
import io.bactrian.app.bench.JournalBench;
import io.bactrian.app.bench.ScaleBench;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bactrian bench ...}: each benchmark is a subcommand. */
@Command(
        name = "bench",
        description = "Measures on this machine. Takes all of it while it does.",
        synopsisSubcommandLabel = "BENCHMARK",
        subcommands = {
            BenchPubsubCommand.class,
            CliBench.class,
            ScaleBench.class,
            BenchComponentCommand.class,
            JournalBench.class,
            BenchShipCommand.class,
            BenchBackupCommand.class,
            BenchGatewayCommand.class,
            BenchPairCommand.class,
            BenchDiscoveryCommand.class,
            BenchFederationCommand.class
        })
public final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw BactrianCommand.missing(spec);
    }
}
