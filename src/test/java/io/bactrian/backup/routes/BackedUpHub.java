package io.bactrian.backup.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.backup.core.BackupReport;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.testing.Ports;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.console.DevConsole;
import org.apache.camel.console.DevConsoleRegistry;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.json.JsonObject;

/** A hub with backups, from the shipped routes and configuration, that can be stopped and started again. */
final class BackedUpHub implements AutoCloseable {
    private static final int AT_ONCE = 200;
    private static final int OWN_MAX = 60;
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final int publishPort = Ports.free();
    private final int subscribePort = Ports.free();
    private Application application;

    BackedUpHub(Path folder) {
        this.folder = folder;
        set("bactrian.data", folder.resolve("hub").toString());
        set("bactrian.hub.publish", "tcp://127.0.0.1:" + publishPort);
        set("bactrian.hub.subscribe", "tcp://127.0.0.1:" + subscribePort);
        set("bactrian.hub.plain.in", "tcp://127.0.0.1:" + Ports.free());
        set("bactrian.hub.plain.out", "tcp://127.0.0.1:" + Ports.free());
        set("bactrian.backup.folder", folder.resolve("backup").toString());
        set("bactrian.backup.intervalMs", "86400000");
        set("camel.management.enabled", "false");
        // Contexts of one name share a scheduler, and its jobs.
        set("camel.main.name", "hub-" + publishPort);
    }

    BackedUpHub set(String key, String value) {
        settings.put(key, value);
        return this;
    }

    String get(String key) {
        return configuration("hub", "backup").get(key);
    }

    Configuration configuration(String... roles) {
        return Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of(roles),
                settings,
                Map.of(),
                new Properties());
    }

    /** Starts it with the route that makes a backup, and without its timer. */
    BackedUpHub start() {
        String hub = configuration("hub").get("bactrian.routes");
        set("bactrian.routes", hub + ",backup/back-up");
        application = Application.start(configuration("hub"));
        settings.remove("bactrian.routes");
        return this;
    }

    /** Starts it as the command line does. */
    BackedUpHub startWithTimer() {
        application = Application.start(configuration("hub", "backup"));
        return this;
    }

    void stop() {
        if (application != null) {
            application.close();
            application = null;
        }
    }

    int publishPort() {
        return publishPort;
    }

    CamelContext context() {
        return application.context();
    }

    Path log() {
        return folder.resolve("hub/journal/hub");
    }

    Path backups() {
        return folder.resolve("backup");
    }

    BackupReport backUp() {
        return context().createProducerTemplate().requestBody("direct:back-up", null, BackupReport.class);
    }

    JsonObject figures(String console, Map<String, Object> options) {
        AbstractDevConsole found = (AbstractDevConsole) context()
                .getCamelContextExtension()
                .getContextPlugin(DevConsoleRegistry.class)
                .resolveById(console);
        return (JsonObject) found.call(DevConsole.MediaType.JSON, options);
    }

    ClientSettings.Builder settings(String id) {
        return ClientSettings.builder(id)
                .host("127.0.0.1")
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(folder.resolve("client-" + id))
                .requestTime(PATIENCE)
                .blockTime(PATIENCE)
                .closeTime(Duration.ofSeconds(2));
    }

    Bactrian client(String id) {
        return Bactrian.open(settings(id).build());
    }

    /** Puts numbers, not all at once, so that they take several segments. */
    /** A log that ends here holds so many messages; between them stands what the hub itself logs. */
    static void assertHolds(long end, long messages) {
        assertThat(end).isBetween(messages, messages + OWN_MAX);
    }

    static void putAll(Bactrian publisher, int from, int to) throws Exception {
        for (int first = from; first < to; first += AT_ONCE) {
            List<CompletableFuture<Accepted>> puts = new ArrayList<>();
            for (int i = first; i < Math.min(to, first + AT_ONCE); i++) {
                puts.add(publisher.put("t", String.valueOf(i).getBytes(StandardCharsets.UTF_8)));
            }
            for (CompletableFuture<Accepted> put : puts) {
                put.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toList();
    }

    static List<String> take(Bactrian subscriber, int count) throws InterruptedException {
        List<String> got = new ArrayList<>();
        while (got.size() < count) {
            Message message = subscriber.get(PATIENCE);
            assertThat(message).as("after " + got.size() + " of " + count).isNotNull();
            got.add(new String(message.body(), StandardCharsets.UTF_8));
            subscriber.processed(message);
        }
        return got;
    }

    @Override
    public void close() {
        stop();
    }
}
