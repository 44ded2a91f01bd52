package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.Configuration;
import io.bactrian.app.ConfigurationOptions;
import io.bactrian.app.DurationConverter;
import io.bactrian.app.ExitCode;
import io.bactrian.app.JsonAnswer;
import io.bactrian.app.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bactrian nodes}: who is registered at a router. */
@Command(
        name = "nodes",
        description = {
            "Shows the nodes that a router knows.",
            "It asks over HTTP at bactrian.discovery.http.host and bactrian.discovery.http.port."
        })
public final class NodesCommand implements Callable<Integer> {
    private static final int OK = 200;
    private static final String DATA = "data: ";

    @Option(names = "--watch", description = "Shows the table again at each change, until Ctrl-C.")
    private boolean watch;

    @Option(names = "--json", description = "Prints JSON; with --watch an object for each change.")
    private boolean json;

    @Option(names = "--group", paramLabel = "G", description = "Only nodes of this group.")
    private @Nullable String group;

    @Option(names = "--kind", paramLabel = "K", description = "Only nodes of this kind.")
    private @Nullable String kind;

    @Option(names = "--capability", paramLabel = "C", description = "Only nodes that can do this.")
    private @Nullable String capability;

    @Option(names = "--channel", paramLabel = "C", description = "Only nodes of this channel.")
    private @Nullable String channel;

    @Option(names = "--status", paramLabel = "S", description = "joining, active, suspect, down or left.")
    private @Nullable String status;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "20s",
            description = "Gives up when the router has not answered for so long (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(20);

    /** Made when it is needed: commands that are not called are made too, and a client takes a tenth of a start. */
    private static final class Http {
        static final HttpClient CLIENT = HttpClient.newHttpClient();
    }

    @Override
    public Integer call() throws InterruptedException {
        Configuration configuration = options.load(List.of());
        String base = "http://" + configuration.get("bactrian.discovery.http.host") + ":"
                + configuration.get("bactrian.discovery.http.port") + "/discovery/";
        PrintWriter out = spec.commandLine().getOut();
        try {
            if (watch) {
                follow(base, out);
            } else {
                show(base, out);
            }
            out.flush();
            return ExitCode.OK;
        } catch (IOException e) {
            throw new CommandFailedException(
                    "No router answers at " + base + " (" + JsonAnswer.why(e, timeout)
                            + "); start one with bactrian run router, or name another with --set bactrian.discovery.http.port=PORT",
                    e);
        }
    }

    private void show(String base, PrintWriter out) throws IOException, InterruptedException {
        List<JsonObject> nodes = nodes(base);
        if (json) {
            nodes.forEach(node -> out.println(node.toJson()));
        } else {
            out.print(NodeTable.of(nodes));
        }
    }

    private List<JsonObject> nodes(String base) throws IOException, InterruptedException {
        List<JsonObject> all = new ArrayList<>();
        String after = "";
        do {
            HttpResponse<String> answer = ask(base + "nodes?" + query(after));
            JsonObject page = JsonAnswer.read(answer.body());
            if (answer.statusCode() != OK) {
                throw new CommandFailedException("The router refuses: " + page.get("error"));
            }
            if (page.get("nodes") instanceof Collection<?> some) {
                some.forEach(node -> all.add((JsonObject) node));
            }
            after = page.get("next") instanceof String next ? next : "";
        } while (!after.isEmpty());
        return all;
    }

    @SuppressWarnings("try") // closing is what the notice is for
    private HttpResponse<String> ask(String address) throws IOException, InterruptedException {
        try (WaitingNotice notice =
                WaitingNotice.of(spec.commandLine().getErr(), "the router at " + address + " has not answered yet")) {
            return Http.CLIENT.send(
                    HttpRequest.newBuilder(URI.create(address)).timeout(timeout).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private String query(String after) {
        Map<String, String> parameters = new TreeMap<>();
        put(parameters, "group", group);
        put(parameters, "kind", kind);
        put(parameters, "capability", capability);
        put(parameters, "channel", channel);
        put(parameters, "status", status);
        put(parameters, "after", after.isEmpty() ? null : after);
        return parameters.entrySet().stream()
                .map(one -> one.getKey() + "=" + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private static void put(Map<String, String> parameters, String name, @Nullable String value) {
        if (value != null) {
            parameters.put(name, value);
        }
    }

    private void follow(String base, PrintWriter out) throws IOException, InterruptedException {
        HttpResponse<InputStream> stream = Http.CLIENT.send(
                HttpRequest.newBuilder(URI.create(base + "watch")).build(), HttpResponse.BodyHandlers.ofInputStream());
        if (stream.statusCode() != OK) {
            throw new CommandFailedException(
                    "The router does not let anybody else watch; status " + stream.statusCode());
        }
        try (BufferedReader in = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            if (json) {
                // A choice that is wrong is told now; no change would ever fit it.
                nodes(base);
            } else {
                redraw(base, out);
            }
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.startsWith(DATA)) {
                    continue;
                }
                if (!json) {
                    // Changes that have come meanwhile are in the same table.
                    while (in.ready()) {
                        in.readLine();
                    }
                    redraw(base, out);
                } else if (fits(line.substring(DATA.length()))) {
                    out.println(line.substring(DATA.length()));
                    out.flush();
                }
            }
        } catch (IOException e) {
            throw noMoreChanges(base, e);
        }
        throw noMoreChanges(base, null);
    }

    /** A router that stops while it is watched: it closes the stream, or no longer answers who asks for the table. */
    private static CommandFailedException noMoreChanges(String base, @Nullable IOException cause) {
        return new CommandFailedException(
                "The router at " + base
                        + " tells of no more changes: it has stopped, or what it told was not read in time",
                cause);
    }

    /** Whether a change is of a node that was asked for; of an assignment the group counts alone. */
    private boolean fits(String event) throws IOException {
        JsonObject change = JsonAnswer.read(event);
        JsonObject node = change.get("node") instanceof JsonObject of ? of : change;
        return fits(group, node.get("group"))
                && fits(kind, node.get("kind"))
                && fits(channel, node.get("channel"))
                && (status == null || status.equalsIgnoreCase(String.valueOf(node.get("status"))))
                && (capability == null
                        || (node.get("capabilities") instanceof Collection<?> all && all.contains(capability)));
    }

    private static boolean fits(@Nullable String wanted, @Nullable Object value) {
        return wanted == null || wanted.isEmpty() || wanted.equals(value);
    }

    private void redraw(String base, PrintWriter out) throws IOException, InterruptedException {
        if (Terminal.stdoutIsTerminal()) {
            out.print(NodeTable.CLEAR);
        }
        out.print(NodeTable.of(nodes(base)));
        out.flush();
    }
}
