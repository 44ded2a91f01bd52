package io.bactrian.ship;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped routes, each node a CamelContext that knows nothing of us, over real sockets. */
class ShipRoutesTest {
    @TempDir
    Path folder;

    private final Properties properties = new Properties();

    @Test
    void aFolderIsKeptEqualOverSockets() throws Exception {
        Path from = Files.createDirectories(folder.resolve("from/sub"));
        Path into = folder.resolve("into");
        Files.write(from.resolve("large"), Shipped.random(1, 5_000_000));
        for (int i = 0; i < 300; i++) {
            Files.write(from.resolve("small" + i), Shipped.random(i, i * 10));
        }
        set(from, into);
        try (DefaultCamelContext receiver = node("receive-folder");
                DefaultCamelContext sender = node("send-folder")) {
            ShipSummary first = ship(sender);
            assertThat(Shipped.tree(into)).isEqualTo(Shipped.tree(folder.resolve("from")));
            assertThat(first.shipped()).isEqualTo(301);
            byte[] changed = Shipped.random(1, 5_000_000);
            changed[2_500_000]++;
            Files.write(from.resolve("large"), changed);
            Files.delete(from.resolve("small7"));
            ShipSummary second = ship(sender);
            assertThat(Shipped.tree(into)).isEqualTo(Shipped.tree(folder.resolve("from")));
            assertThat(second.literalBytes()).isBetween(1L, 8192L);
            assertThat(second.deleted()).isEqualTo(1);
            assertThat(second.sentBytes() + second.receivedBytes()).isLessThan(60_000);
            assertThat(receiver.isStopped()).isFalse();
        }
    }

    private void set(Path from, Path into) {
        String address = "tcp://127.0.0.1:" + Ports.free();
        properties.setProperty("bactrian.ship.folder", from.getParent().toString());
        properties.setProperty("bactrian.ship.into", into.toString());
        properties.setProperty("bactrian.ship.to", address);
        properties.setProperty("bactrian.ship.receive", address);
        properties.setProperty("bactrian.ship.intervalMs", "86400000");
    }

    private DefaultCamelContext node(String route) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setOverrideProperties(properties);
        context.getShutdownStrategy().setTimeout(4);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(
                        context, "classpath:io/bactrian/routes/ship/" + route + ".camel.yaml"));
        context.start();
        return context;
    }

    private static ShipSummary ship(CamelContext context) {
        return context.createProducerTemplate().requestBody("direct:ship-folder", null, ShipSummary.class);
    }
}
