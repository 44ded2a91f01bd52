package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.app.management.ManagementToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.camel.util.json.JsonObject;

/** Asks the management server of a running process; each answer is waited for at most 2 s, or as long as is said. */
public final class ManagementClient {
    static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final int OK = 200;
    /** The dev console whose JSON holds the figures of a hub. */
    private static final String CONSOLE = "bactrian";

    private final HttpClient http;
    private final Duration timeout;
    private final String address;
    private final ManagementAddress server;

    /** The client of another server, with user, password and token of a configuration. */
    public ManagementClient(Configuration configuration, String named, long port) {
        this(ManagementAddress.of(configuration).at(named, port), TIMEOUT);
    }

    /** The client of a server, with a time to wait for each answer. */
    ManagementClient(ManagementAddress server, Duration timeout) {
        this.server = server;
        this.timeout = timeout;
        http = HttpClient.newBuilder().connectTimeout(timeout).build();
        String host = reachable(server.host());
        address = "http://" + (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host) + ":"
                + server.port();
    }

    /** What listens on every address is asked on this machine. */
    private static String reachable(String host) {
        return switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::", "[::]" -> "::1";
            default -> host;
        };
    }

    /**
     * Whether a process serves.
     *
     * @param reason why not, empty if it does
     */
    record Health(boolean up, String reason) {}

    public String address() {
        return address;
    }

    Health health() throws InterruptedException {
        try {
            HttpResponse<String> answer = get("/observe/health");
            return answer.statusCode() == OK
                    ? new Health(true, "")
                    : new Health(false, "health says " + answer.statusCode() + ": " + down(answer.body()));
        } catch (IOException e) {
            return new Health(false, JsonAnswer.why(e, timeout));
        }
    }

    /** The checks that are down, and why; of an answer that tells of none, its text. */
    private static String down(String answer) throws IOException {
        if (!answer.startsWith("{") || !(JsonAnswer.read(answer).get("checks") instanceof Collection<?> checks)) {
            return answer.strip();
        }
        String down = checks.stream()
                .filter(Map.class::isInstance)
                .map(Map.class::cast)
                .filter(check -> "DOWN".equals(check.get("status")))
                // Camel escapes a message twice.
                .map(check -> check.get("name") + " is down: "
                        + String.valueOf(check.get("message")).replace("\\/", "/"))
                .collect(Collectors.joining("; "));
        return down.isEmpty() ? answer.strip() : down;
    }

    /** The figures of the console, empty if this process has no such console or does not answer any more. */
    Optional<JsonObject> figures() throws InterruptedException {
        return figures("");
    }

    /** The figures together with the topics that the log holds. */
    Optional<JsonObject> topics() throws InterruptedException {
        return figures("?topics=true");
    }

    private Optional<JsonObject> figures(String query) throws InterruptedException {
        return console(CONSOLE, query);
    }

    /** The answer of a dev console, empty if this process has no such console or does not answer any more. */
    public Optional<JsonObject> console(String console, String query) throws InterruptedException {
        try {
            HttpResponse<String> answer = get("/q/dev/" + console + query);
            // Camel answers 200 and a sentence for a console that is not there.
            boolean there = answer.statusCode() == OK && answer.body().startsWith("{");
            return there && JsonAnswer.read(answer.body()).get(console) instanceof JsonObject figures
                    ? Optional.of(figures)
                    : Optional.empty();
        } catch (IOException e) {
            throw new CommandFailedException(
                    "The figures of " + address + " cannot be read: " + JsonAnswer.why(e, timeout), e);
        }
    }

    /**
     * Asks for an action.
     *
     * @throws CommandFailedException if it is refused
     */
    public JsonObject act(String action) throws InterruptedException {
        try {
            String token = ManagementToken.read(server.tokenFile())
                    .orElseThrow(() -> new CommandFailedException("No file " + server.tokenFile()
                            + " with the token that an action needs; say by --data or by --set"
                            + " bactrian.management.tokenFile=FILE where the process keeps it"));
            HttpRequest request = request("/q/do/" + action)
                    .header("X-Bactrian-Token", token)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (!answer.body().startsWith("{")) {
                throw new CommandFailedException(address + " refuses " + action + ": "
                        + answer.body().strip() + " (HTTP " + answer.statusCode() + ")");
            }
            return JsonAnswer.read(answer.body());
        } catch (IOException e) {
            throw new CommandFailedException(
                    address + " cannot be asked for " + action + ": " + JsonAnswer.why(e, timeout), e);
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(timeout)
                .header("Accept", "application/json");
        if (!server.user().isEmpty()) {
            String credentials =
                    Base64.getEncoder().encodeToString((server.user() + ":" + server.password()).getBytes(UTF_8));
            request.header("Authorization", "Basic " + credentials);
        }
        return request;
    }
}
