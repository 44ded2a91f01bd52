package io.bactrian.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** A folder with configuration and routes of a test's own, beside what is shipped in the jar. */
final class TestHome {
    private final Path folder;

    TestHome(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder.resolve("routes/pubsub"));
        Files.createDirectories(folder.resolve("config"));
    }

    Path folder() {
        return folder;
    }

    TestHome role(String name, String... lines) throws IOException {
        return config("application-" + name + ".properties", lines);
    }

    TestHome config(String file, String... lines) throws IOException {
        Files.write(folder.resolve("config").resolve(file), List.of(lines));
        return this;
    }

    /** A route file that begins a route with id, description and input; the steps follow, indented by 8. */
    TestHome route(String id, String description, String from, String... steps) throws IOException {
        String text =
                """
                - route:
                    id: %s
                    description: %s
                    from:
                      uri: %s
                      steps:
                """.formatted(id, description, from) + String.join("\n", steps).indent(8);
        Files.writeString(folder.resolve("routes/pubsub/" + id + ".camel.yaml"), text);
        return this;
    }

    Configuration load(List<String> roles, Map<String, String> overrides) {
        return Configuration.load(new Installation(Optional.of(folder)), roles, overrides, Map.of(), new Properties());
    }
}
