package io.bactrian.app;

import io.bactrian.discovery.routes.RouterNode;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/** The role router from the shipped files, on ports of its own, in this process. */
public final class TestRouter implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Map<String, String> settings = new HashMap<>();
    private final Application application;

    public TestRouter(Path data, String... more) {
        this(data, Ports.free(), more);
    }

    public TestRouter(Path data, int gossipPort, String... more) {
        settings.put("bactrian.data", data.toString());
        for (String key : List.of("register", "publish", "publishers", "publications")) {
            settings.put("bactrian.discovery." + key, "tcp://127.0.0.1:" + Ports.free());
        }
        settings.put("bactrian.discovery.gossip", "127.0.0.1:" + gossipPort);
        // Contexts of one name share a scheduler, and its jobs.
        settings.put("camel.main.name", "router-" + gossipPort);
        settings.put("bactrian.discovery.http.port", Integer.toString(Ports.free()));
        settings.put("camel.management.enabled", "false");
        for (String setting : more) {
            settings.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        application = Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("router"),
                settings,
                Map.of(),
                new Properties()));
    }

    /** What a key of the discovery is set to. */
    public String get(String key) {
        return Objects.requireNonNull(settings.get("bactrian.discovery." + key), key);
    }

    public RouterNode node() {
        return Objects.requireNonNull(
                application.context().getRegistry().lookupByNameAndType("bactrianRouter", RouterNode.class));
    }

    public Application application() {
        return application;
    }

    public HttpResponse<String> http(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + get("http.port") + path))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The status of a node, empty if it is not known. */
    public String status(String id) {
        var view = node().node(id);
        return view == null ? "" : view.status().name();
    }

    @Override
    public void close() {
        application.close();
    }
}
