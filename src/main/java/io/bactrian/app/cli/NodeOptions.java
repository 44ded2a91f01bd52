package io.bactrian.app.cli;

import io.bactrian.app.Configuration;
import io.bactrian.app.ConfigurationException;
import io.bactrian.app.ConfigurationOptions;
import io.bactrian.app.DurationConverter;
import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyException;
import io.bactrian.federation.routes.StateClient;
import io.bactrian.federation.routes.TopologyFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Which node of a federation a command asks; use it as a mixin. */
final class NodeOptions {
    @Option(
            names = "--node",
            paramLabel = "ID",
            description = "The node that is asked; default: bactrian.federation.node, or the root.")
    private @Nullable String node;

    @Option(names = "--topology", paramLabel = "FILE", description = "Default: bactrian.federation.topology.")
    private @Nullable Path topology;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "5s",
            description = "Gives up when the node has not answered for so long (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(5);

    /** How long an answer is waited for. */
    long answerMs() {
        return timeout.toMillis();
    }

    /** Tells that the node has not answered, until that is closed. */
    WaitingNotice waiting(CommandSpec command) {
        return WaitingNotice.of(
                command.commandLine().getErr(),
                "the node" + (node == null ? "" : " " + node) + " has not answered yet; does it run, with these keys?");
    }

    /** A client of the node; of a pair's primary, if only the pair is named. */
    StateClient client() {
        Configuration configuration = options.load(List.of());
        Path file = topology == null ? Path.of(configuration.get("bactrian.federation.topology")) : topology;
        String id = node == null ? configuration.get("bactrian.federation.node") : node;
        try {
            Topology tree = TopologyFile.read(file);
            String wanted = id.isEmpty() ? tree.root() : id;
            Member member =
                    tree.find(wanted).map(found -> found.members().get(0)).orElseGet(() -> tree.member(wanted));
            return StateClient.connect(tree, member, Path.of(configuration.get("bactrian.federation.keys.folder")));
        } catch (IllegalArgumentException | TopologyException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }
}
