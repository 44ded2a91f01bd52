package io.bactrian.pair.routes;

import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** Contexts with the shipped routes of a pair, each with a folder of its own, that copy the journal {@code orders}. */
final class PairContexts implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Path folder;
    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, DefaultCamelContext> contexts = new HashMap<>();

    PairContexts(Path folder) {
        this.folder = folder;
    }

    /** What a test adds to a context before it starts. */
    interface More {
        void to(DefaultCamelContext context) throws Exception;
    }

    DefaultCamelContext start(String side, Map<String, String> properties, More more) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        Properties values = new Properties();
        values.setProperty("bactrian.data", folder.resolve(side).toString());
        values.setProperty("bactrian.pair.side", side);
        values.setProperty("bactrian.pair.journal", "orders");
        values.setProperty("bactrian.pair.heartbeatMs", "1500");
        for (String name : List.of("primary.beats", "primary.copies", "backup.beats", "backup.copies")) {
            values.setProperty(
                    "bactrian.pair." + name, String.valueOf(ports.computeIfAbsent(name, key -> Ports.free())));
        }
        values.putAll(properties);
        context.getPropertiesComponent().setOverrideProperties(values);
        context.build();
        for (String file : List.of("copy-log", "hear-confirmed", "keep-copy", "beat", "ask-witness", "repair-log")) {
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.resolveResource(context, "file:routes/pair/" + file + ".camel.yaml"));
        }
        contexts.put(side, context);
        more.to(context);
        context.start();
        return context;
    }

    DefaultCamelContext start(String side, Map<String, String> properties) throws Exception {
        return start(side, properties, context -> {});
    }

    /** Stops a context, and forgets it. */
    void stop(String side) {
        contexts.remove(side).stop();
    }

    DefaultCamelContext get(String side) {
        return contexts.get(side);
    }

    Pair pair(String side) {
        return pair(contexts.get(side));
    }

    static Pair pair(DefaultCamelContext context) {
        return context.getRegistry().lookupByNameAndType(PairPlugin.PAIR, Pair.class);
    }

    void awaitInStep(String active) {
        await().atMost(PATIENCE)
                .until(() -> pair(active).active()
                        && "IN".equals(pair(active).figures().get("peerStanding")));
    }

    @Override
    public void close() {
        contexts.values().forEach(DefaultCamelContext::stop);
    }
}
