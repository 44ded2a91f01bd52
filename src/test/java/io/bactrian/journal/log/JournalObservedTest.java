package io.bactrian.journal.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.bactrian.journal.JournalComponent;
import io.bactrian.journal.JournalEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.console.DevConsole;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees: health, console, meters; and what tools see: the catalogue. */
class JournalObservedTest {
    @TempDir
    Path root;

    private final CamelContext context = new DefaultCamelContext();

    @BeforeEach
    void place() {
        context.getComponent("journal", JournalComponent.class).setRoot(root.toString());
    }

    private HealthCheck.Result health() {
        return HealthCheckHelper.invoke(context).stream()
                .filter(result -> result.getCheck().getId().equals("journal-orders"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void isDownWhileAppendsFailAndOnceDamageIsMet() throws IOException {
        JournalEndpoint endpoint = context.getEndpoint("journal:orders?tailBytes=0", JournalEndpoint.class);
        context.start();
        Journal journal = endpoint.getJournal();
        journal.append(new byte[10]);
        assertThat(health().getState()).isEqualTo(HealthCheck.State.UP);

        journal.problem(null, new JournalFullException("no room", null));
        assertThat(health().getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(health().getMessage()).hasValue("no room");
        journal.append(new byte[10]);
        assertThat(health().getState()).isEqualTo(HealthCheck.State.UP);

        Path segment = root.resolve("orders/0000000000000000001.segment");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[100] ^= 1;
        Files.write(segment, bytes);
        assertThat(catchThrowable(() -> journal.read(1, 100))).isInstanceOf(JournalDamagedException.class);
        assertThat(health().getState()).isEqualTo(HealthCheck.State.DOWN);
        bytes[100] ^= 1;
        Files.write(segment, bytes);
        context.stop();
        assertThat(HealthCheckHelper.invoke(context)).isEmpty();
    }

    @Test
    void theConsoleShowsJournalsAndCursors() throws Exception {
        context.start();
        Journal journal =
                context.getEndpoint("journal:orders", JournalEndpoint.class).getJournal();
        journal.append(new byte[10]);
        journal.cursor("reader");
        DevConsole console = PluginHelper.getDevConsoleResolver(context).resolveDevConsole("journal");
        assertThat(console).isNotNull();
        CamelContextAware.trySetCamelContext(console, context);
        assertThat(String.valueOf(console.call(DevConsole.MediaType.TEXT, Map.of())))
                .contains("journal orders", "end: 1", "reader");
        assertThat(String.valueOf(console.call(DevConsole.MediaType.JSON, Map.of())))
                .contains("orders", "lag=1");
        context.stop();
    }

    @Test
    void metersFollowTheJournal() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        context.getRegistry().bind("meters", registry);
        JournalEndpoint before = context.getEndpoint("journal:orders", JournalEndpoint.class);
        context.start();
        before.getJournal().append(new byte[10]);
        before.getJournal().cursor("reader");
        assertThat(registry.get("bactrian.journal.entries.appended")
                        .tag("journal", "orders")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("bactrian.journal.lag").gauge().value()).isEqualTo(1);
        context.getEndpoint("journal:later", JournalEndpoint.class).getJournal();
        assertThat(registry.get("bactrian.journal.end").tag("journal", "later").gauge())
                .isNotNull();
        context.stop();
        assertThat(registry.find("bactrian.journal.end").gauges()).isEmpty();
    }

    @Test
    void worksWithoutMicrometerOnTheClassPath() throws Exception {
        URL[] without = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("micrometer"))
                .map(JournalObservedTest::url)
                .toArray(URL[]::new);
        ClassLoader platform = ClassLoader.getPlatformClassLoader();
        Thread thread = Thread.currentThread();
        ClassLoader former = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(without, platform)) {
            thread.setContextClassLoader(loader);
            Object end = loader.loadClass(Bare.class.getName())
                    .getMethod("run", String.class)
                    .invoke(null, root.toString());
            assertThat(end).isEqualTo(1L);
        } finally {
            thread.setContextClassLoader(former);
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(entry, e);
        }
    }

    /** Loaded by a class loader that has no Micrometer. */
    public static final class Bare {
        private Bare() {}

        public static long run(String root) throws Exception {
            try (DefaultCamelContext bare = new DefaultCamelContext(false)) {
                bare.setApplicationContextClassLoader(Bare.class.getClassLoader());
                bare.build();
                JournalComponent component = bare.getComponent("journal", JournalComponent.class);
                component.setRoot(root);
                bare.start();
                bare.createProducerTemplate().sendBody("journal:orders", "x");
                return component.journal("orders").end();
            }
        }
    }

    @Test
    void theCatalogueKnowsItsOptions() throws Exception {
        DefaultCamelCatalog catalog = new DefaultCamelCatalog();
        try (InputStream json =
                JournalComponent.class.getResourceAsStream("/META-INF/io/bactrian/journal/journal.json")) {
            catalog.addComponent("journal", JournalComponent.class.getName(), new String(json.readAllBytes(), UTF_8));
        }
        String uri = "journal:orders?cursor=mine&segmentBytes=1m&sync=INTERVAL";
        assertThat(catalog.validateEndpointProperties(uri).isSuccess()).isTrue();
        assertThat(catalog.endpointProperties(uri))
                .containsEntry("name", "orders")
                .containsEntry("cursor", "mine")
                .containsEntry("sync", "INTERVAL");
        assertThat(catalog.validateEndpointProperties("journal:orders?sink=x").isSuccess())
                .isFalse();
        assertThat(catalog.asEndpointUri("journal", catalog.endpointProperties(uri), false))
                .isEqualTo(uri);
    }
}
