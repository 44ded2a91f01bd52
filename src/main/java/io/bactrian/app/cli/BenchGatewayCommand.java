package io.bactrian.app.cli;

import io.bactrian.app.ExitCode;
import io.bactrian.app.bench.GatewayBench;
import io.bactrian.app.bench.GatewayBench.Row;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bactrian bench gateway}. */
@Command(
        name = "gateway",
        description = {
            "Requests a second of the gateway, beside a bare platform-http route and haproxy in the same run, over loopback.",
            "Needs wrk, ab and haproxy: apt-get install wrk apache2-utils haproxy."
        })
public final class BenchGatewayCommand implements Callable<Integer> {
    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How long each case runs in a round (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often the cases take turns; the median counts (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where the databases are made; a temporary folder by default.")
    private @Nullable Path folder;

    @Option(names = "--chart", paramLabel = "FILE", description = "Writes a chart of the rates as SVG.")
    private @Nullable Path chart;

    @Option(names = "--json", description = "Prints a JSON array with one object for each case.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        Path in = folder == null ? Files.createTempDirectory("bactrian-bench") : Files.createDirectories(folder);
        List<Row> rows = GatewayBench.run(seconds, Math.max(1, rounds), in, line -> {
            err.println(line);
            err.flush();
        });
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(GatewayBench.json(rows));
        } else {
            rows.forEach(row -> out.println(GatewayBench.line(row)));
            GatewayBench.ratios(rows).forEach(out::println);
        }
        out.flush();
        if (chart != null) {
            Path parent = chart.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(chart, GatewayBench.chart(rows));
        }
        return ExitCode.OK;
    }
}
