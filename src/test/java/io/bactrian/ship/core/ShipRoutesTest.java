package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.ship.routes.ShipFailedException;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
                DefaultCamelContext sender = node("ship-folder")) {
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

    @Test
    void theKameletsDoTheSame() throws Exception {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path into = folder.resolve("into");
        Files.write(from.resolve("a"), Shipped.random(1, 100_000));
        Files.write(from.resolve("b"), Shipped.random(2, 10));
        String address = "tcp://127.0.0.1:" + Ports.free();
        for (int life = 0; life < 2; life++) {
            try (DefaultCamelContext receiver = new DefaultCamelContext();
                    DefaultCamelContext sender = new DefaultCamelContext()) {
                BlockingQueue<List<?>> news = new LinkedBlockingQueue<>();
                receiver.addRoutes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("kamelet:ship-source?folder=" + into + "&address=" + address)
                                .process(exchange ->
                                        news.add(exchange.getMessage().getBody(List.class)));
                    }
                });
                sender.addRoutes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:ship").to("kamelet:ship-sink?folder=" + from + "&address=" + address);
                    }
                });
                receiver.start();
                sender.start();
                ShipSummary summary =
                        sender.createProducerTemplate().requestBody("direct:ship", "now", ShipSummary.class);
                assertThat(summary.shipped()).isEqualTo(life == 0 ? 2 : 1);
                assertThat(Shipped.tree(into)).isEqualTo(Shipped.tree(from));
                List<?> changed = news.poll(60, TimeUnit.SECONDS);
                assertThat(changed).isEqualTo(life == 0 ? List.of("a", "b") : List.of("b"));
            }
            Files.write(from.resolve("b"), Shipped.random(3, 20));
            Files.setLastModifiedTime(from.resolve("a"), FileTime.fromMillis(1_600_000_000_000L));
            Files.setLastModifiedTime(into.resolve("a"), FileTime.fromMillis(1_600_000_000_000L));
        }
    }

    @Test
    void aRoundThatFailsSaysWhy() throws Exception {
        Path from = Files.createDirectories(folder.resolve("from/sub"));
        set(from, folder.resolve("into"));
        properties.setProperty("bactrian.ship.giveUpMs", "300");
        try (DefaultCamelContext sender = node("ship-folder")) {
            assertThatThrownBy(() -> ship(sender))
                    .rootCause()
                    .isInstanceOf(ShipFailedException.class)
                    .hasMessageContaining("has not answered");
        }
    }

    @Test
    @Tag("slow")
    @Timeout(600)
    void ofTwoReceiversTheOtherOneIsTakenWhenOneIsSilentAlsoWithinARound() throws Exception {
        Path from = Files.createDirectories(folder.resolve("from"));
        Files.write(from.resolve("a"), Shipped.random(1, 100_000));
        List<String> addresses = List.of("tcp://127.0.0.1:" + Ports.free(), "tcp://127.0.0.1:" + Ports.free());
        List<Path> into = List.of(folder.resolve("one"), folder.resolve("two"));
        for (boolean kamelet : List.of(false, true)) {
            Path shipped = Files.createDirectories(from.resolve("of" + kamelet));
            properties.setProperty("bactrian.ship.folder", from.toString());
            properties.setProperty("bactrian.ship.to", String.join(", ", addresses));
            properties.setProperty("bactrian.ship.intervalMs", "86400000");
            properties.setProperty("bactrian.ship.giveUpMs", "15000");
            properties.setProperty("bactrian.ship.bandwidth.bytesPerSecond", "1000000");
            try (DefaultCamelContext sender = kamelet ? new DefaultCamelContext() : node("ship-folder")) {
                if (kamelet) {
                    sender.addRoutes(new RouteBuilder() {
                        @Override
                        public void configure() {
                            from("direct:ship-folder")
                                    .toF(
                                            "kamelet:ship-sink?folder=%s&address=RAW(%s)&giveUp=15000&bytesPerSecond=1000000",
                                            from, String.join(",", addresses));
                        }
                    });
                    sender.start();
                }
                // The first was never there.
                try (DefaultCamelContext second = receiver(addresses.get(1), into.get(1))) {
                    assertThat(ship(sender).complete()).isTrue();
                    assertThat(Shipped.tree(into.get(1))).isEqualTo(Shipped.tree(from));
                    // Much enough that the round is under way when its receiver goes.
                    Files.write(shipped.resolve("large"), Shipped.random(2, 6_000_000));
                    CompletableFuture<ShipSummary> round = sender.createProducerTemplate()
                            .asyncRequestBody("direct:ship-folder", null, ShipSummary.class);
                    await().atMost(60, TimeUnit.SECONDS).until(() -> partsOf(into.get(1)) > 200_000);
                    second.stop();
                    try (DefaultCamelContext first = receiver(addresses.get(0), into.get(0))) {
                        assertThat(round.get(60, TimeUnit.SECONDS).complete()).isTrue();
                        assertThat(Shipped.tree(into.get(0))).isEqualTo(Shipped.tree(from));
                        assertThat(first.isStarted()).isTrue();
                    }
                }
            }
        }
    }

    /** How much a receiver has of files that are under way. */
    private static long partsOf(Path into) throws IOException {
        try (Stream<Path> all = Files.walk(into)) {
            return all.filter(file -> file.toString().contains(".bactrian-ship"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private DefaultCamelContext receiver(String address, Path into) throws Exception {
        properties.setProperty("bactrian.ship.receive", address);
        properties.setProperty("bactrian.ship.into", into.toString());
        return node("receive-folder");
    }

    @Test
    @Timeout(600)
    void aFolderThatWasNotThereIsShippedWhenItIs() throws Exception {
        Path from = folder.resolve("from/sub");
        Path into = folder.resolve("into");
        set(from, into);
        try (DefaultCamelContext receiver = node("receive-folder");
                DefaultCamelContext sender = node("ship-folder")) {
            for (int round = 0; round < 2; round++) {
                assertThatThrownBy(() -> ship(sender)).rootCause().hasMessageContaining("cannot be read");
            }
            Files.createDirectories(from);
            assertThat(ship(sender).complete()).isTrue();
            assertThat(into.resolve("sub")).isDirectory();
            assertThat(receiver.isStopped()).isFalse();
        }
    }

    @Test
    void theRealRsyncCopiesTheFolder() throws Exception {
        Tools.program("rsync", "rsync");
        Path from = Files.createDirectories(folder.resolve("from with blank"));
        Path into = Files.createDirectories(folder.resolve("rsync into"));
        Files.write(from.resolve("file one"), Shipped.random(1, 10_000));
        Files.writeString(into.resolve("old"), "goes");
        properties.setProperty("bactrian.ship.folder", from.toString());
        properties.setProperty("bactrian.ship.rsync.to", into.toString());
        properties.setProperty("bactrian.ship.intervalMs", "86400000");
        try (DefaultCamelContext sender = node("rsync-over-ssh")) {
            String said = sender.createProducerTemplate().requestBody("direct:rsync-folder", null, String.class);
            assertThat(said).contains("Number of files");
            assertThat(Shipped.tree(into)).isEqualTo(Shipped.tree(from));
        }
        properties.setProperty("bactrian.ship.folder", folder.resolve("nowhere").toString());
        try (DefaultCamelContext sender = node("rsync-over-ssh")) {
            assertThatThrownBy(() -> sender.createProducerTemplate().requestBody("direct:rsync-folder", (Object) null))
                    .rootCause()
                    .hasMessageContaining("rsync ended with 23");
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
        if (route.equals("rsync-over-ssh")) {
            // Its timer fires once at the start, and two runs of rsync into one folder delete each other's files.
            context.getRouteDefinition(route).autoStartup(false);
        }
        context.start();
        return context;
    }

    private static ShipSummary ship(CamelContext context) {
        return context.createProducerTemplate().requestBody("direct:ship-folder", null, ShipSummary.class);
    }
}
