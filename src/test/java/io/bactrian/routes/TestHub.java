package io.bactrian.routes;

import io.bactrian.journal.JournalEndpoint;
import io.bactrian.journal.log.Journal;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.json.JsonObject;

/**
 * The shipped hub in a CamelContext that knows nothing of us: routes from the class path, no configuration folder, free
 * ports, and a folder for what lasts. It can be stopped and started again on the same folder and ports.
 */
final class TestHub implements AutoCloseable {
    static final List<String> ROUTES = List.of(
            "take-in",
            "feed-subscribers",
            "hear-subscribers",
            "release-answers",
            "retransmit-unanswered",
            "keep-checkpoint",
            "purge-log",
            "expire-absent",
            "take-plain",
            "publish-plain");

    private final Path folder;
    private final Dsl dsl;
    private final Map<String, UnaryOperator<String>> edits = new LinkedHashMap<>();
    private final Map<String, Object> beans = new LinkedHashMap<>();
    private final Properties properties = new Properties();
    private final int publishPort = Ports.free();
    private final int subscribePort = Ports.free();
    private final int plainInPort = Ports.free();
    private final int plainOutPort = Ports.free();
    private CamelContext context;

    /** In which of the shipped forms the routes are. */
    enum Dsl {
        YAML("io/bactrian/routes/pubsub/", ".camel.yaml"),
        XML("io/bactrian/routes/xml/", ".camel.xml");

        private final String folder;
        private final String ending;

        Dsl(String folder, String ending) {
            this.folder = folder;
            this.ending = ending;
        }
    }

    TestHub(Path folder, Dsl dsl) {
        this.folder = folder;
        this.dsl = dsl;
        set("bactrian.data", folder.resolve("hub").toString());
        set("bactrian.hub.publish", "tcp://127.0.0.1:" + publishPort);
        set("bactrian.hub.subscribe", "tcp://127.0.0.1:" + subscribePort);
        set("bactrian.hub.plain.in", "tcp://127.0.0.1:" + plainInPort);
        set("bactrian.hub.plain.out", "tcp://127.0.0.1:" + plainOutPort);
    }

    TestHub set(String key, String value) {
        properties.setProperty(key, value);
        return this;
    }

    /** Changes a copy of a shipped route file. */
    TestHub edit(String route, UnaryOperator<String> edit) {
        edits.put(route, edit);
        return this;
    }

    /** A route with a timer whose interval is this key, edited to run an hour after the start for the first time. */
    static String inAnHour(String yaml, String intervalKey) {
        String trigger = "trigger.repeatInterval: \"{{" + intervalKey + "}}\"";
        if (!yaml.contains("uri: quartz:") || !yaml.contains(trigger)) {
            throw new IllegalArgumentException("No route with a timer by " + intervalKey + ": " + yaml);
        }
        return yaml.replace("uri: quartz:", "uri: timer:").replace(trigger, "delay: 3600000");
    }

    /** A bean that an edited route names. */
    TestHub bean(String name, Object bean) {
        beans.put(name, bean);
        return this;
    }

    TestHub start() throws Exception {
        context = new DefaultCamelContext();
        beans.forEach(context.getRegistry()::bind);
        context.getPropertiesComponent().setOverrideProperties(properties);
        context.getShutdownStrategy().setTimeout(4);
        for (String route : ROUTES) {
            PluginHelper.getRoutesLoader(context).loadRoutes(resource(route));
        }
        context.start();
        return this;
    }

    private Resource resource(String route) throws IOException {
        String name = dsl.folder + route + dsl.ending;
        byte[] shipped;
        try (var in = TestHub.class.getClassLoader().getResourceAsStream(name)) {
            shipped = in.readAllBytes();
        }
        String text =
                edits.getOrDefault(route, UnaryOperator.identity()).apply(new String(shipped, StandardCharsets.UTF_8));
        return ResourceHelper.fromString(route + dsl.ending, text);
    }

    void stop() {
        if (context != null) {
            context.stop();
            context = null;
        }
    }

    TestHub restart() throws Exception {
        stop();
        return start();
    }

    /** Ends it as a kill does, without a last word to its database. */
    TestHub kill() throws IOException {
        Path file = folder.resolve("hub/hub.mv.db");
        Path asItIs = Files.copy(file, folder.resolve("killed.mv.db"), StandardCopyOption.REPLACE_EXISTING);
        stop();
        Files.move(asItIs, file, StandardCopyOption.REPLACE_EXISTING);
        return this;
    }

    CamelContext context() {
        return context;
    }

    int plainInPort() {
        return plainInPort;
    }

    int plainOutPort() {
        return plainOutPort;
    }

    int publishPort() {
        return publishPort;
    }

    int subscribePort() {
        return subscribePort;
    }

    /** A client of this hub; its state lies in the same folder under its id. */
    Bactrian client(String id) {
        return Bactrian.open(settings(id).build());
    }

    ClientSettings.Builder settings(String id) {
        return ClientSettings.builder(id)
                .host("127.0.0.1")
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(folder.resolve("client-" + id))
                .requestTime(Duration.ofSeconds(20))
                .closeTime(Duration.ofSeconds(2));
    }

    /** One of the figures that an operator sees. */
    long figure(String name) {
        return figures().getLongOrDefault(name, -1L);
    }

    JsonObject figures() {
        AbstractDevConsole console = (AbstractDevConsole) context.getCamelContextExtension()
                .getContextPlugin(org.apache.camel.console.DevConsoleRegistry.class)
                .resolveById("bactrian");
        return (JsonObject) console.call(org.apache.camel.console.DevConsole.MediaType.JSON, Map.of("topics", "true"));
    }

    /** The log that the hub has open. */
    Journal journal() {
        return context.getEndpoints().stream()
                .filter(JournalEndpoint.class::isInstance)
                .map(endpoint -> ((JournalEndpoint) endpoint).getJournal())
                .findFirst()
                .orElseThrow();
    }

    Path folder() {
        return folder;
    }

    /** How much the log occupies on the disk. */
    long logBytes() throws IOException {
        try (var files = Files.list(folder.resolve("hub/journal/hub"))) { // one that is deleted meanwhile has length 0
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
