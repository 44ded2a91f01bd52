package io.bactrian.app;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
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
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }

    /** What all of them share: which node. */
    abstract static class OfNode implements Callable<Integer> {
        @Option(names = "--host", paramLabel = "HOST", description = "The node's management host.")
        private String host = "127.0.0.1";

        @Option(
                names = "--port",
                paramLabel = "PORT",
                description = "The node's management port; by default the one of this configuration.")
        private int port;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Spec
        private CommandSpec spec;

        /** Asks the node; prints what it says, or fails with why not. */
        final int ask(String action, String done) throws InterruptedException {
            Configuration configuration = options.load(List.of());
            long to = port > 0 ? port : configuration.number("bactrian.management.port");
            ManagementClient client = new ManagementClient(configuration, host, to);
            ManagementClient.Health health = client.health();
            Optional<JsonObject> figures =
                    health.reason().equals(ManagementClient.NOBODY) ? Optional.empty() : client.console("pair", "");
            if (figures.isEmpty() || figures.get().get("role") == null) {
                throw new CommandFailedException("No node of a pair at " + client.address()
                        + (health.up() ? "" : ": " + health.reason()) + "; give its --host and --port");
            }
            Object refused = action.isEmpty() ? null : client.act(action).get("refused");
            if (refused != null && !refused.toString().isEmpty()) {
                throw new CommandFailedException(client.address() + " refuses: " + refused);
            }
            PrintWriter out = spec.commandLine().getOut();
            if (done.isEmpty()) {
                figures.get().forEach((key, value) -> out.println(key + ": " + value));
            } else {
                out.println(client.address() + " " + done);
            }
            out.flush();
            return ExitCode.OK;
        }
    }

    @Command(name = "status", description = "Shows role, epoch, copy, witness and the latest events of a node.")
    static final class Status extends OfNode {
        @Override
        public Integer call() throws InterruptedException {
            return ask("", "");
        }
    }

    @Command(
            name = "switch",
            description = "The active node hands over to its peer, which must be in step; nobody is refused for longer than 1 s.")
    static final class Switch extends OfNode {
        @Override
        public Integer call() throws InterruptedException {
            return ask("pair-switch", "hands over to its peer");
        }
    }

    @Command(name = "promote", description = "A passive node whose peer is dead becomes active.")
    static final class Promote extends OfNode {
        @Option(
                names = "--force",
                description = "Also if its peer lives or the witness does not agree. What the other node alone had accepted"
                        + " is moved aside there.")
        private boolean force;

        @Override
        public Integer call() throws InterruptedException {
            return ask(force ? "pair-force" : "pair-promote", "becomes active");
        }
    }
}
