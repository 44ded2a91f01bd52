package io.bactrian.app;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bactrian pair ...}: looks at a node of a pair, and tells it to hand over or to become active. */
@Command(
        name = "pair",
        description = "Shows a node of a pair, hands over to its peer, or makes it active.",
        subcommands = {PairCommand.Status.class, PairCommand.Switch.class, PairCommand.Promote.class})
final class PairCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw BactrianCommand.missing(spec);
    }

    /** What all of them share: which node. */
    abstract static class OfNode implements Callable<Integer> {
        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Mixin
        private ManagedHubOptions management = new ManagedHubOptions();

        @Spec
        private CommandSpec spec;

        final HubNodes nodes() {
            return management.nodes(options.load(List.of()));
        }

        final PrintWriter out() {
            return spec.commandLine().getOut();
        }

        /** Has the node begin something; throws if it refuses. */
        final int act(ManagementClient client, String action, String done) throws InterruptedException {
            JsonObject answer = client.act(action);
            Object failed = answer.get("failed");
            if (failed != null) {
                throw new CommandFailedException(client.address() + " refuses: " + failed);
            }
            out().println(client.address() + " " + done);
            out().flush();
            return ExitCode.OK;
        }
    }

    @Command(name = "status", description = "Shows role, epoch, copy, witness and the latest events of a node.")
    static final class Status extends OfNode {
        @Override
        public Integer call() throws InterruptedException {
            ManagementClient client = nodes().inUse();
            JsonObject figures = client.console("pair", "")
                    .filter(all -> all.get("role") != null)
                    .orElseThrow(() -> new CommandFailedException(
                            "No node of a pair at " + client.address() + "; name another with --hub HOST:PORT"));
            figures.forEach((key, value) -> out().println(key + ": " + value));
            out().flush();
            return ExitCode.OK;
        }
    }

    @Command(
            name = "switch",
            description =
                    "The active node hands over to its peer, which must be in step; nobody is refused for longer than 1 s.")
    static final class Switch extends OfNode {
        @Override
        public Integer call() throws InterruptedException {
            return act(nodes().inUse(), "pair-switch", "hands over to its peer");
        }
    }

    @Command(name = "promote", description = "A passive node whose peer is dead becomes active.")
    static final class Promote extends OfNode {
        @Option(
                names = "--force",
                description =
                        "Also if its peer lives or the witness does not agree. What the other node alone had accepted"
                                + " is moved aside there.")
        private boolean force;

        @Override
        public Integer call() throws InterruptedException {
            HubNodes nodes = nodes();
            if (nodes.isPair()) {
                throw new CommandFailedException(
                        "Both nodes are named: name by --hub the one that is to become active");
            }
            return act(nodes.inUse(), force ? "pair-promote-by-force" : "pair-promote", "becomes active");
        }
    }
}
