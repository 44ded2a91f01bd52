package io.bactrian.app;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;

/** Asks the management server of a running process; each answer is waited for at most 2 s. */
final class ManagementClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    /** Why a process does not serve that is not there. */
    static final String NOBODY = "nothing listens there";

    private static final int OK = 200;
    /** The dev console whose JSON holds the figures of a hub. */
    private static final String CONSOLE = "bactrian";

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final String address;

    ManagementClient(String host, long port) {
        address = "http://" + (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
    }

    /**
     * Whether a process serves.
     *
     * @param reason why not, empty if it does
     */
    record Health(boolean up, String reason) {}

    String address() {
        return address;
    }

    Health health() throws InterruptedException {
        try {
            HttpResponse<String> answer = get("/observe/health");
            return answer.statusCode() == OK
                    ? new Health(true, "")
                    : new Health(false, "health says " + answer.statusCode() + " " + answer.body());
        } catch (ConnectException e) {
            return new Health(false, NOBODY);
        } catch (IOException e) {
            return new Health(false, Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
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

    /** What a dev console says, empty if this process has no such console or does not answer any more. */
    Optional<JsonObject> console(String console, String query) throws InterruptedException {
        try {
            HttpResponse<String> answer = get("/q/dev/" + console + query);
            // Camel answers 200 and a sentence for a console that is not there.
            boolean there = answer.statusCode() == OK && answer.body().startsWith("{");
            if (!there || !(Jsoner.deserialize(answer.body()) instanceof JsonObject all)) {
                return Optional.empty();
            }
            return all.get(console) instanceof JsonObject figures ? Optional.of(figures) : Optional.empty();
        } catch (IOException | DeserializationException e) {
            throw new CommandFailedException(address + " serves, but its figures cannot be read: " + e.getMessage(), e);
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(TIMEOUT)
                .header("Accept", "application/json")
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
