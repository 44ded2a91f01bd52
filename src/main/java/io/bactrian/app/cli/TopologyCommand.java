package io.bactrian.app.cli;

import io.bactrian.app.BactrianCommand;
import io.bactrian.app.CommandFailedException;
import io.bactrian.app.ConfigurationException;
import io.bactrian.app.ExitCode;
import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyChange;
import io.bactrian.federation.core.TopologyException;
import io.bactrian.federation.routes.TopologyDrawing;
import io.bactrian.federation.routes.TopologyFile;
import io.bactrian.federation.routes.TopologyKeys;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian topology check|show|diff|keygen}. */
@Command(
        name = "topology",
        description = "Looks at the topology of a federation, and makes the keys of its nodes.",
        synopsisSubcommandLabel = "COMMAND")
public final class TopologyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw BactrianCommand.missing(spec);
    }

    @Command(
            name = "check",
            description = "Says everything that is wrong with a topology. Exit code 1 if something is.")
    int check(@Parameters(paramLabel = "FILE", defaultValue = "config/topology.yaml") Path file) {
        Topology topology = read(file);
        out().println(file + " is right: " + topology.nodes().size() + " nodes, root " + topology.root());
        out().flush();
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Draws the tree of a topology.")
    int show(
            @Parameters(paramLabel = "FILE", defaultValue = "config/topology.yaml") Path file,
            @Option(names = "--svg", paramLabel = "FILE", description = "Writes a drawing as SVG.") @Nullable Path svg)
            throws IOException {
        Topology topology = read(file);
        if (svg == null) {
            topology.drawn().forEach(out()::println);
        } else {
            Files.writeString(svg, TopologyDrawing.svg(topology));
            out().println("drawn " + svg);
        }
        out().flush();
        return ExitCode.OK;
    }

    @Command(
            name = "diff",
            description = {
                "Says what another topology changes.",
                "With --node also what a running process cannot take over; exit code 1 if there is something."
            })
    int diff(
            @Parameters(paramLabel = "FORMER", description = "The topology that runs.") Path former,
            @Parameters(paramLabel = "FILE", description = "The topology that is to be.") Path file,
            @Option(names = "--node", paramLabel = "ID", description = "The process to speak for.") @Nullable String node) {
        Topology before = read(former);
        Topology after = read(file);
        List<String> changes = TopologyChange.changes(before, after);
        changes.forEach(out()::println);
        List<String> refusals = List.of();
        if (node != null) {
            try {
                refusals = TopologyChange.of(before, after, before.member(node)).refusals();
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
            refusals.forEach(refusal -> out().println("refused: " + refusal));
        }
        if (changes.isEmpty()) {
            out().println("nothing changes");
        }
        out().flush();
        return refusals.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    @Command(
            name = "keygen",
            description = {
                "Makes the keys of one process: ID.key_secret and ID.sign_secret, which only its owner may read.",
                "Prints the two lines that the topology needs of it."
            })
    int keygen(
            @Parameters(paramLabel = "ID", description = "The process, such as nodes.root.a or nodes.root[primary].")
                    String id,
            @Option(
                            names = "--output",
                            paramLabel = "FOLDER",
                            defaultValue = "data/keys",
                            description = "Where the secret keys are written; default: ${DEFAULT-VALUE}.")
                    Path folder,
            @Option(names = "--force", description = "Replaces keys that are there.") boolean force) {
        if (!id.matches("nodes(\\.[A-Za-z0-9_-]{1,64}){1,8}(\\[(primary|backup)])?")) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "ID is nodes.root.a, or nodes.root[primary] of a pair, not: " + id);
        }
        try {
            Map<String, String> lines = TopologyKeys.make(folder, id, force);
            lines.forEach((key, value) -> out().println(key + ": \"" + value + "\""));
        } catch (IOException e) {
            throw new CommandFailedException("The keys were not written: " + FileErrors.say(e), e);
        }
        out().flush();
        return ExitCode.OK;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static Topology read(Path file) {
        try {
            return TopologyFile.read(file);
        } catch (TopologyException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }
}
