package io.bactrian.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.ExitCode;
import io.bactrian.app.cli.PutCommand;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Capture;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import io.bactrian.zeromq.socket.PasswordHash;
import io.bactrian.zeromq.socket.Security;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** The shipped hub with security: who is not admitted is not served, and nothing can be read on the way. */
@Tag("system")
class SecureHubTest {
    private static final CurveKeys HUB = CurveKeys.generate();
    private static final CurveKeys CLIENT = CurveKeys.generate();

    @TempDir
    Path folder;

    private TestHub hub;

    @AfterEach
    void stop() {
        hub.close();
    }

    private Path secret(String name, CurveKeys keys) throws Exception {
        return Files.writeString(folder.resolve(name), CurveCertificate.secretText(keys, Map.of()));
    }

    private Path open(Path file, CurveKeys keys) throws Exception {
        return Files.writeString(file, CurveCertificate.publicText(keys.publicKey(), Map.of()));
    }

    private void startWithCurve(TestHub.Dsl dsl) throws Exception {
        Path admitted = Files.createDirectory(folder.resolve("admitted"));
        open(admitted.resolve("client"), CLIENT);
        hub = new TestHub(folder, dsl)
                .set("bactrian.hub.security", "curve")
                .set(
                        "bactrian.hub.security.curveKeyFile",
                        secret("hub.secret", HUB).toString())
                .set("bactrian.hub.security.curveClientKeys", admitted.toString())
                .start();
        secret("client.secret", CLIENT);
        open(folder.resolve("hub.public"), HUB);
    }

    private ClientSettings.Builder curve(String id) {
        return hub.settings(id).curve(folder.resolve("client.secret"), folder.resolve("hub.public"));
    }

    private static String text(Bactrian client) throws Exception {
        Message message = client.get(Duration.ofSeconds(60));
        assertThat(message).isNotNull();
        return new String(message.body(), UTF_8);
    }

    @ParameterizedTest
    @EnumSource(TestHub.Dsl.class)
    void clientsWithKeysAreServedAndNothingIsReadable(TestHub.Dsl dsl) throws Exception {
        startWithCurve(dsl);
        try (Capture publishing = new Capture(hub.publishPort());
                Capture subscribing = new Capture(hub.subscribePort());
                Bactrian client = Bactrian.open(curve("c")
                        .publishPort(publishing.port())
                        .subscribePort(subscribing.port())
                        .build())) {
            client.subscribe("secret-topic", Start.OLDEST);
            client.put("secret-topic", "secret text".getBytes(UTF_8)).get(60, TimeUnit.SECONDS);
            assertThat(text(client)).isEqualTo("secret text");
            assertThat(publishing.text() + subscribing.text()).contains("CURVE").doesNotContain("secret");
        }
    }

    @Test
    void aClientWithoutKeysIsNotServed() throws Exception {
        startWithCurve(TestHub.Dsl.YAML);
        try (Bactrian client = Bactrian.open(
                hub.settings("c").requestTime(Duration.ofMillis(500)).build())) {
            assertThatThrownBy(() -> client.subscribe("t", Start.OLDEST)).hasMessageContaining("500");
        }
    }

    @Test
    void usersWithPasswordsAreServed() throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "ann:" + PasswordHash.of("right", 1_000));
        hub = new TestHub(folder, TestHub.Dsl.YAML)
                .set("bactrian.hub.security", "plain")
                .set("bactrian.hub.security.plainUsers", users.toString())
                .start();
        try (Bactrian client = Bactrian.open(hub.settings("c")
                .security(new Security.PlainClient("ann", "right"))
                .build())) {
            client.subscribe("t", Start.OLDEST);
            client.put("t", "x".getBytes(UTF_8)).get(60, TimeUnit.SECONDS);
            assertThat(text(client)).isEqualTo("x");
        }
    }

    @Test
    void theComponentTakesItsKeysFromOptionsAndFromProperties() throws Exception {
        startWithCurve(TestHub.Dsl.YAML);
        Queue<String> received = new ConcurrentLinkedQueue<>();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getPropertiesComponent().addInitialProperty("my.keys", "curve");
            context.getPropertiesComponent().addInitialProperty("my.keys.curveSecretKey", CLIENT.secretZ85());
            context.getPropertiesComponent()
                    .addInitialProperty(
                            "my.keys.curveServerKey", HUB.publicKey().z85());
            String ports = "publishPort=" + hub.publishPort() + "&subscribePort=" + hub.subscribePort() + "&data="
                    + folder.resolve("data");
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("bactrian:t?subscriber=s&from=oldest&securityPrefix=my.keys&" + ports)
                            .process(e -> received.add(e.getMessage().getBody(String.class)));
                    from("direct:in")
                            .to("bactrian:t?security=curve&curveKeyFile=" + folder
                                    + "/client.secret&curveServerKeyFile=" + folder + "/hub.public&" + ports);
                }
            });
            context.start();
            context.createProducerTemplate().sendBody("direct:in", "x");
            await().atMost(Duration.ofSeconds(60)).until(() -> received.contains("x"));
        }
    }

    @Test
    void commandsTakeTheClientsKeysFromTheConfiguration() throws Exception {
        startWithCurve(TestHub.Dsl.YAML);
        assertThat(put("client.secret")).isZero();
        try (Bactrian client = Bactrian.open(curve("c").build())) {
            client.subscribe("t", Start.OLDEST);
            assertThat(text(client)).isEqualTo("from the command line");
        }
        secret("stranger.secret", CurveKeys.generate());
        assertThat(put("stranger.secret")).isNotZero();
    }

    private int put(String keys) {
        return new CommandLine(new PutCommand())
                .setExecutionExceptionHandler((exception, line, parsed) -> ExitCode.FAILED)
                .execute(
                        "t",
                        "from the command line",
                        "--timeout=5s",
                        "--publish-port=" + hub.publishPort(),
                        "--subscribe-port=" + hub.subscribePort(),
                        "--data=" + folder.resolve("commands"),
                        "--set=bactrian.client.security=curve",
                        "--set=bactrian.client.security.curveKeyFile=" + folder.resolve(keys),
                        "--set=bactrian.client.security.curveServerKeyFile=" + folder.resolve("hub.public"));
    }

    @Test
    void keysThatAreNotThereAreSaidAtOnce() throws Exception {
        startWithCurve(TestHub.Dsl.YAML);
        assertThatThrownBy(() -> hub.settings("c").curve(folder.resolve("none"), folder.resolve("hub.public")))
                .hasMessageContaining("curveKeyFile=" + folder.resolve("none") + " cannot be used");
    }
}
