package io.bactrian.app.cli;

import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.DiscoveryBench;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bactrian bench discovery}. */
@Command(
        name = "discovery",
        description = {
            "Routers of the discovery and agents of serf, as many of each, with their defaults on loopback: how long until all"
                    + " know that one was killed, octets and processor time, and who is called dead although it lives.",
            "Needs serf (apt-get install serf). Octets are counted for root only, in a network namespace (iproute2)."
        })
public final class BenchDiscoveryCommand implements Callable<Integer> {
    @Option(
            names = "--members",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many routers, and how many agents (${DEFAULT-VALUE}).")
    private int members;

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "10",
            description = "How often one is killed (${DEFAULT-VALUE}).")
    private int kills;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "How long octets and processor time are counted (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--stop",
            paramLabel = "MS",
            defaultValue = "1000",
            description =
                    "How long each is stopped in turn, while two threads keep the processors busy (${DEFAULT-VALUE}).")
    private int stopMs;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        DiscoveryBench.Options options;
        try {
            options = new DiscoveryBench.Options(members, kills, seconds, stopMs);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PrintWriter err = spec.commandLine().getErr();
        String table = DiscoveryBench.run(options, line -> {
            err.println(line);
            err.flush();
        });
        spec.commandLine().getOut().print(table);
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
