package io.bactrian.federation.routes;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.camel.ProducerTemplate;

/** The shipped routes of several nodes in this process, each in a context of its own, over real sockets. */
final class TestFederation implements AutoCloseable {
    private final Path folder;
    private final Map<String, Application> running = new LinkedHashMap<>();
    private final Map<String, String> settings = new HashMap<>();
    private Path home = Path.of("").toAbsolutePath();
    private List<String> roles = List.of("node");
    private final Map<String, Integer> ports = new HashMap<>();

    /**
     * Writes the topology.
     *
     * @param topology YAML in which {@code PORTS(name)} stands for free ports of a node, for itself and its children
     */
    TestFederation(Path folder, String topology) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("topology.yaml"), withPorts(topology));
        settings.put("bactrian.federation.heartbeat", "100ms");
        settings.put("bactrian.federation.silence", "1s");
        settings.put("bactrian.federation.tick.intervalMs", "20");
    }

    private String withPorts(String topology) {
        StringBuilder text = new StringBuilder();
        for (String line : topology.lines().toList()) {
            String stripped = line.strip();
            if (stripped.startsWith("ports:")) {
                String name = stripped.substring("ports:".length()).strip();
                int south = Ports.free();
                int north = Ports.free(3);
                ports.put(name, north);
                ports.put(name + " south", south);
                String indent = line.substring(0, line.indexOf('p'));
                text.append(indent).append("southPort: ").append(south).append('\n');
                text.append(indent).append("northPort: ").append(north).append('\n');
            } else {
                text.append(line).append('\n');
            }
        }
        return text.toString();
    }

    static String rootWithTwoChildren() {
        return """
                federation: test
                nodes:
                  root:
                    owns: [site]
                    ports: root
                    children:
                      a:
                        owns: [tunnel.a]
                        ports: a
                      b:
                        owns: [tunnel.b]
                        ports: b
                """;
    }

    Path topology() {
        return folder.resolve("topology.yaml");
    }

    int port(String name) {
        return ports.get(name);
    }

    TestFederation set(String key, String value) {
        settings.put(key, value);
        return this;
    }

    /** Where {@code config/} and {@code routes/} are for the nodes that are started from now on. */
    TestFederation home(Path folderOfRoutes) {
        home = folderOfRoutes;
        return this;
    }

    /** Which roles the nodes that are started from now on run. */
    TestFederation roles(String... names) {
        roles = List.of(names);
        return this;
    }

    TestFederation start(String... nodes) {
        for (String node : nodes) {
            Map<String, String> overrides = new HashMap<>(settings);
            overrides.put("bactrian.data", folder.resolve("data").toString());
            overrides.putIfAbsent("bactrian.federation.topology", topology().toString());
            overrides.put("bactrian.federation.node", node);
            overrides.putIfAbsent("camel.management.enabled", "false");
            // Contexts of one name would share a scheduler.
            overrides.put("camel.main.name", node);
            running.put(
                    node,
                    Application.start(Configuration.load(
                            new Installation(Optional.of(home)), roles, overrides, Map.of(), new Properties())));
        }
        return this;
    }

    void stop(String node) {
        Application application = running.remove(node);
        if (application != null) {
            application.close();
        }
    }

    Application application(String node) {
        return running.get(node);
    }

    FederationNode node(String node) {
        return running.get(node)
                .context()
                .getRegistry()
                .lookupByNameAndType("bactrianFederation", FederationNode.class);
    }

    /** Changes a key at a node, as a route of that node does. */
    void put(String node, String key, String value) {
        send(node, "direct:set-state", "CamelBactrianKey", key, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Records a value of a series at a node. */
    void record(String node, String series, double value) {
        send(node, "direct:record-value", "CamelBactrianSeries", series, value);
    }

    private void send(String node, String uri, String header, String name, Object body) {
        try (ProducerTemplate producer = running.get(node).context().createProducerTemplate()) {
            producer.sendBodyAndHeader(uri, body, header, name);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What all nodes say of themselves. */
    String figures() {
        StringBuilder text = new StringBuilder();
        running.keySet().forEach(id -> text.append("\n  ").append(node(id).figures()));
        return text.toString();
    }

    String value(String node, String key) {
        return String.valueOf(node(node).value(key));
    }

    @Override
    public void close() {
        List.copyOf(running.keySet()).forEach(this::stop);
    }
}
