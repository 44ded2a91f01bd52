package io.bactrian.app.cli;

import io.bactrian.app.BactrianCommand;
import io.bactrian.app.CommandFailedException;
import io.bactrian.app.Configuration;
import io.bactrian.app.ConfigurationOptions;
import io.bactrian.app.ExitCode;
import io.bactrian.app.ManagementClient;
import io.bactrian.app.ManagementOptions;
import io.bactrian.app.Terminal;
import io.bactrian.support.config.ZeroMqAddress;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bactrian speed watch}: what the speed-limit servers measure. */
@Command(
        name = "speed",
        description = "Looks at the speed-limit servers.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = SpeedCommand.Watch.class)
public final class SpeedCommand implements Callable<Integer> {
    /** The key with the management addresses of both servers. */
    public static final String NODES = "bactrian.speed.watch.nodes";

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw BactrianCommand.missing(spec);
    }

    /** A management address. */
    public record Node(String host, int port) {}

    /**
     * Reads {@code host:port} with commas between them.
     *
     * @throws IllegalArgumentException if they are not of that form
     */
    public static List<Node> nodes(String text) {
        List<Node> nodes = new ArrayList<>();
        for (String one : text.split(",", -1)) {
            ZeroMqAddress.Tcp node = ZeroMqAddress.hostAndPort(one.strip())
                    .orElseThrow(() -> new IllegalArgumentException(
                            NODES + "=" + text + " must be management addresses HOST:PORT with commas between them"));
            nodes.add(new Node(node.host(), node.port()));
        }
        return nodes;
    }

    @Command(
            name = "watch",
            description = {
                "Draws the average of the last minute, second by second, until Ctrl-C; without a terminal it prints a line a"
                        + " second.",
                "It asks the management servers of both nodes and shows the active one, so it goes on through a takeover."
            })
    static final class Watch implements Callable<Integer> {
        private static final String HOME = "\u001b[H";
        private static final String CLEAR = "\u001b[H\u001b[2J";
        private static final String CLEAR_LINE = "\u001b[K";

        @Option(
                names = "--nodes",
                paramLabel = "HOST:PORT,...",
                description = "The management addresses of the servers; " + NODES + " by default.")
        private @Nullable String named;

        @Option(
                names = "--count",
                paramLabel = "N",
                defaultValue = "0",
                description = "Ends after N pictures or lines.")
        private long count;

        @Mixin
        private ManagementOptions management = new ManagementOptions();

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Spec
        private CommandSpec spec;

        /** What the active server says, or another one while there is none. */
        private record View(String address, Map<String, Object> pair, Map<String, Object> speed) {
            boolean active() {
                return "ACTIVE".equals(pair.get("role"));
            }

            List<Long> minute() {
                List<Long> values = new ArrayList<>();
                if (speed.get("lastMinute") instanceof Collection<?> all) {
                    all.forEach(one -> values.add(one instanceof Number number ? number.longValue() : -1L));
                }
                return values;
            }

            String line() {
                return address + " " + pair.get("side") + " " + pair.get("role") + " epoch=" + pair.get("epoch")
                        + " average=" + speed.get("average") + " sensors=" + speed.get("sensors") + " newestAverage="
                        + speed.get("newestAverage");
            }
        }

        @Override
        public Integer call() throws InterruptedException {
            Configuration configuration = options.load(List.of());
            List<ManagementClient> clients = clients(configuration);
            PrintWriter out = spec.commandLine().getOut();
            boolean terminal = Terminal.stdoutIsTerminal();
            boolean blocks = Terminal.showsBlocks();
            boolean first = true;
            for (long shown = 0; count == 0 || shown < count; shown++) {
                if (!first) {
                    TimeUnit.SECONDS.sleep(1);
                }
                List<String> reasons = new ArrayList<>();
                Optional<View> view = look(clients, reasons);
                if (first && view.isEmpty()) {
                    throw new CommandFailedException("No speed-limit server: " + String.join(" ", reasons)
                            + "; start one with bactrian run speed-server, or name others with --nodes");
                }
                String line = view.map(View::line).orElse("no server answers");
                if (terminal) {
                    String picture = line
                            + System.lineSeparator()
                            + view.map(it -> SpeedPicture.draw(it.minute(), blocks))
                                    .orElse("");
                    out.print((first ? CLEAR : HOME)
                            + picture.replace(System.lineSeparator(), CLEAR_LINE + System.lineSeparator()));
                } else {
                    out.println(Instant.now().truncatedTo(ChronoUnit.SECONDS) + " " + line);
                }
                out.flush();
                first = false;
            }
            return ExitCode.OK;
        }

        private List<ManagementClient> clients(Configuration configuration) {
            try {
                return nodes(named == null ? configuration.get(NODES) : named).stream()
                        .map(node -> management.client(configuration, node.host(), node.port()))
                        .toList();
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
        }

        /** The active server, or another one; {@code reasons} gets why those that cannot be shown cannot. */
        private static Optional<View> look(List<ManagementClient> clients, List<String> reasons)
                throws InterruptedException {
            Optional<View> found = Optional.empty();
            for (ManagementClient client : clients) {
                try {
                    Optional<JsonObject> pair = client.console("pair", "");
                    Optional<JsonObject> speed = client.console("speed", "");
                    if (pair.isPresent() && speed.isPresent()) {
                        View view = new View(client.address(), pair.get(), speed.get());
                        if (view.active()) {
                            return Optional.of(view);
                        }
                        found = found.or(() -> Optional.of(view));
                    } else {
                        reasons.add(client.address() + " is none or does not answer.");
                    }
                } catch (CommandFailedException e) {
                    reasons.add(String.valueOf(e.getMessage()));
                }
            }
            return found;
        }
    }
}
