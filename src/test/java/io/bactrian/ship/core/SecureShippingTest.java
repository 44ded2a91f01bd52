package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ship.routes.ShipFailedException;
import io.bactrian.testing.Capture;
import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A receiver admits the senders whose keys it knows, and a sender ships only to the receiver whose key it knows. */
@Tag("system")
class SecureShippingTest {
    private static final CurveKeys RECEIVER = CurveKeys.generate();
    private static final CurveKeys SENDER = CurveKeys.generate();
    private static final CurveKeys STRANGER = CurveKeys.generate();
    private static final String NONE = "linger=1000";

    @TempDir
    Path folder;

    private final int port = Ports.free();
    private Path from;
    private Path into;
    private String receiving;

    /** How long a sender waits; short where it waits in vain. */
    private String giveUpMs = "30000";

    @BeforeEach
    void prepare() throws IOException {
        from = Files.createDirectories(folder.resolve("from"));
        into = folder.resolve("into");
        Files.writeString(from.resolve("file"), "the secret text, ".repeat(1_000));
        Path admitted = Files.createDirectory(folder.resolve("admitted"));
        open(admitted.resolve("sender"), SENDER);
        receiving = "security=curve&curveKeyFile=" + secret("receiver", RECEIVER) + "&curveClientKeys=" + admitted;
    }

    private Path secret(String name, CurveKeys keys) throws IOException {
        return Files.writeString(folder.resolve(name + ".secret"), CurveCertificate.secretText(keys, Map.of()));
    }

    private static Path open(Path file, CurveKeys keys) throws IOException {
        return Files.writeString(file, CurveCertificate.publicText(keys.publicKey(), Map.of()));
    }

    private String sending(CurveKeys own, CurveKeys receivers) throws IOException {
        return "security=curve&curveKeyFile=" + secret("own", own) + "&curveServerKeyFile="
                + open(folder.resolve("receivers"), receivers);
    }

    @Test
    void anAdmittedSenderShipsAndNothingIsReadable() throws Exception {
        try (Capture wire = new Capture(port);
                DefaultCamelContext receiver = node("receive-folder", receiving, port);
                DefaultCamelContext sender = node("ship-folder", sending(SENDER, RECEIVER), wire.port())) {
            assertThat(ship(sender).shipped()).isEqualTo(1);
            assertThat(Shipped.tree(into)).isEqualTo(Shipped.tree(from));
            assertThat(wire.text()).contains("CURVE").doesNotContain("secret", "file");
            assertThat(receiver.isStopped()).isFalse();
        }
    }

    @Test
    void withoutSecurityTheSameIsReadable() throws Exception {
        try (Capture wire = new Capture(port);
                DefaultCamelContext receiver = node("receive-folder", NONE, port);
                DefaultCamelContext sender = node("ship-folder", NONE, wire.port())) {
            assertThat(ship(sender).shipped()).isEqualTo(1);
            assertThat(wire.text()).contains("secret", "file");
            assertThat(receiver.isStopped()).isFalse();
        }
    }

    @Test
    void aSenderWhoseKeyIsNotKnownIsNotServed() throws Exception {
        assertNotShipped(receiving, sending(STRANGER, RECEIVER));
    }

    @Test
    void aSenderWithoutKeysIsNotServed() throws Exception {
        assertNotShipped(receiving, NONE);
    }

    @Test
    void nothingIsShippedToAReceiverWithAnotherKey() throws Exception {
        assertNotShipped(receiving, sending(SENDER, STRANGER));
    }

    @Test
    void nothingIsShippedToAReceiverWithoutSecurity() throws Exception {
        assertNotShipped(NONE, sending(SENDER, RECEIVER));
    }

    @Test
    void theKameletsTakeTheSameOptions() throws Exception {
        String address = "&address=tcp://127.0.0.1:" + port;
        try (DefaultCamelContext receiver = new DefaultCamelContext();
                DefaultCamelContext sender = new DefaultCamelContext()) {
            receiver.addRoutes(route(
                    "kamelet:ship-source?folder=" + into + address + "&options=RAW(" + receiving + ")",
                    "log:received"));
            sender.addRoutes(route(
                    "direct:ship-folder",
                    "kamelet:ship-sink?folder=" + from + address + "&giveUp=30000&options=RAW("
                            + sending(SENDER, RECEIVER) + ")"));
            receiver.start();
            sender.start();
            assertThat(ship(sender).shipped()).isEqualTo(1);
            assertThat(Shipped.tree(into)).isEqualTo(Shipped.tree(from));
        }
    }

    private static RouteBuilder route(String uri, String to) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from(uri).to(to);
            }
        };
    }

    private void assertNotShipped(String receivers, String senders) throws Exception {
        giveUpMs = "1000";
        try (DefaultCamelContext receiver = node("receive-folder", receivers, port);
                DefaultCamelContext sender = node("ship-folder", senders, port)) {
            assertThatThrownBy(() -> ship(sender))
                    .rootCause()
                    .isInstanceOf(ShipFailedException.class)
                    .hasMessageContaining("has not answered");
            assertThat(into).as("the receiver has not even heard of it").doesNotExist();
            assertThat(receiver.isStopped()).isFalse();
        }
    }

    private DefaultCamelContext node(String route, String options, int at) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("bactrian.ship.folder", from.toString());
        properties.setProperty("bactrian.ship.into", into.toString());
        properties.setProperty("bactrian.ship.to", "tcp://127.0.0.1:" + at);
        properties.setProperty("bactrian.ship.receive", "tcp://127.0.0.1:" + at);
        properties.setProperty("bactrian.ship.giveUpMs", giveUpMs);
        properties.setProperty("bactrian.ship.options", options);
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
