package io.bactrian.app.cli;

import io.bactrian.app.BactrianCommand;
import io.bactrian.app.CommandFailedException;
import io.bactrian.app.Configuration;
import io.bactrian.app.ConfigurationOptions;
import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RequestRefusedException;
import io.bactrian.discovery.routes.NodeClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian node register|deregister}. */
@Command(
        name = "node",
        description = "Registers a node at a router, or takes it out.",
        subcommands = {NodeCommand.Register.class, NodeCommand.Deregister.class})
public final class NodeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw BactrianCommand.missing(spec);
    }

    /** What both have. */
    static class Common {
        @Parameters(paramLabel = "ID", description = "The node's id.")
        String id = "";

        @Option(
                names = "--kind",
                paramLabel = "K",
                defaultValue = "service",
                description = "Such as service, publisher, subscriber (default: ${DEFAULT-VALUE}).")
        String kind = "";

        @Option(names = "--instance", paramLabel = "TEXT", description = "Who claims the id; by default its address.")
        @Nullable String instance;

        @Option(
                names = "--host",
                paramLabel = "HOST",
                defaultValue = "127.0.0.1",
                description = "Where the node is (default: ${DEFAULT-VALUE}).")
        String host = "";

        @Option(names = "--port", paramLabel = "PORT", defaultValue = "0", description = "The node's port.")
        int port;

        @Option(
                names = "--router",
                paramLabel = "ADDRESS",
                description = "Where the router takes registrations; by default bactrian.discovery.register.")
        @Nullable String router;

        @Option(
                names = "--timeout",
                paramLabel = "DURATION",
                converter = DurationConverter.class,
                defaultValue = "6s",
                description = "Gives up when the router has not answered for so long (default: ${DEFAULT-VALUE}).")
        Duration timeout = Duration.ofSeconds(6);

        @Mixin
        ConfigurationOptions options = new ConfigurationOptions();

        @Spec
        CommandSpec spec;

        @SuppressWarnings("try") // the notice is there until it is closed
        int send(
                boolean leaves,
                String group,
                String channel,
                List<String> capabilities,
                Map<String, String> metadata,
                long leaseMs,
                int pingPort,
                List<String> covers) {
            Configuration configuration = options.load(List.of());
            String address = router == null ? configuration.get("bactrian.discovery.register") : router;
            Map<String, String> security = new HashMap<>();
            for (String key : List.of("", ".curveKeyFile", ".curveServerKeyFile")) {
                security.put(NodeClient.SECURITY + key, configuration.get(NodeClient.SECURITY + key));
            }
            String claim = instance == null ? host + ":" + port : instance;
            Registration node;
            try {
                node = new Registration(
                        id,
                        kind,
                        "",
                        host,
                        port,
                        group,
                        channel,
                        capabilities,
                        metadata,
                        claim,
                        leaseMs,
                        pingPort,
                        covers);
            } catch (RequestRefusedException e) {
                throw new ParameterException(spec.commandLine(), e.reason());
            }
            String answer;
            try (WaitingNotice notice = WaitingNotice.of(
                    spec.commandLine().getErr(), "the router at " + address + " has not answered yet")) {
                answer = NodeClient.once(address, node, leaves, security, timeout);
            }
            if (!answer.equals("ACK")) {
                throw new CommandFailedException("The router at " + address + " says: " + answer);
            }
            spec.commandLine().getOut().println(id + (leaves ? " is taken out" : " is registered") + " at " + address);
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        }
    }

    /** Registers. */
    @Command(
            name = "register",
            description = {
                "Registers a node or refreshes its lease.",
                "Without --ping-port it must be given again before the lease ends, or the node is down."
            })
    static final class Register extends Common implements Callable<Integer> {
        @Option(
                names = "--group",
                paramLabel = "G",
                defaultValue = "",
                description = "The nodes that stand in for each other.")
        private String group = "";

        @Option(names = "--channel", paramLabel = "C", defaultValue = "", description = "The channel.")
        private String channel = "";

        @Option(names = "--capability", paramLabel = "C", description = "What it can do; may be given several times.")
        private List<String> capabilities = new ArrayList<>();

        @Option(
                names = "--metadata",
                paramLabel = "KEY=VALUE",
                description = "Anything else; may be given several times.")
        private Map<String, String> metadata = new LinkedHashMap<>();

        @Option(names = "--covers", paramLabel = "C", description = "Work it can be given; may be given several times.")
        private List<String> covers = new ArrayList<>();

        @Option(
                names = "--lease",
                paramLabel = "DURATION",
                converter = DurationConverter.class,
                defaultValue = "30s",
                description = "How long it holds (default: ${DEFAULT-VALUE}).")
        private Duration lease = Duration.ofSeconds(30);

        @Option(names = "--ping-port", paramLabel = "PORT", defaultValue = "0", description = "Where it answers pings.")
        private int pingPort;

        @Override
        public Integer call() {
            return send(false, group, channel, capabilities, metadata, lease.toMillis(), pingPort, covers);
        }
    }

    /** Deregisters. */
    @Command(name = "deregister", description = "Takes a node out.")
    static final class Deregister extends Common implements Callable<Integer> {
        private static final long ANY_LEASE_MS = 30_000;

        @Override
        public Integer call() {
            return send(true, "", "", List.of(), Map.of(), ANY_LEASE_MS, 0, List.of());
        }
    }
}
