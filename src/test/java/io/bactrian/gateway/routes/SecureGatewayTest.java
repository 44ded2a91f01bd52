package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Tools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** TLS, a key that every request must carry, and JSON for those who ask for it. */
@Tag("system")
class SecureGatewayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String KEY = "a key of the test";

    @TempDir
    Path folder;

    @Test
    void overTlsWithAKeyEverythingWorksAndWithoutNothingDoes() throws Exception {
        Path certificate = folder.resolve("certificate.pem");
        Path key = folder.resolve("key.pem");
        run(
                Tools.program("openssl", "openssl"),
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        String[] secure = {
            "bactrian.gateway.tls.certificate=" + certificate,
            "bactrian.gateway.tls.key=" + key,
            "bactrian.gateway.tls.trust=" + certificate,
            "bactrian.gateway.apiKey=" + KEY
        };
        int port = Ports.free();
        String address = "https://localhost:" + port;
        HttpClient client = HttpClient.newBuilder()
                .sslContext(trusting(certificate))
                .followRedirects(HttpClient.Redirect.ALWAYS)
                .build();
        try (GatewayNode balancer = GatewayNode.balancer(folder.resolve("data"), port, secure);
                GatewayNode worker = GatewayNode.start(
                        "worker",
                        folder.resolve("data"),
                        Ports.free(),
                        List.of(
                                secure[0],
                                secure[1],
                                secure[2],
                                secure[3],
                                "bactrian.gateway.worker.port=" + Ports.free(),
                                "bactrian.gateway.balancers=" + address))) {
            assertThat(balancer.port()).isEqualTo(port);
            assertThat(worker.application().context().isStarted()).isTrue();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(send(client, address + "/register/1", KEY))
                            .startsWith("200 https://127.0.0.1:"));
            assertThat(send(client, address + "/register/1", "another key"))
                    .isEqualTo("401 The header X-API-Key is missing or wrong.");
            assertThat(send(client, address + "/register/1", "")).startsWith("401");
            // A browser cannot send a key before it has the page that asks for it.
            assertThat(send(client, address + "/try", "")).startsWith("200 <!DOCTYPE html>");
            assertThat(send(client, address + "/openapi.json", "")).startsWith("200 {");
            assertThat(send(client, address + "/try/../register/1", "")).startsWith("401");
            assertThat(send(client, address + "/get_data/1", KEY))
                    .isEqualTo("400 Error - Data not found. Try again later.");
            String at = send(client, address + "/register/1", KEY).substring("200 ".length());
            assertThat(send(client, address + "/worker/quit/" + URI.create(at).getPort(), KEY))
                    .isEqualTo("200 Acknowledged quit");
            assertSilentConnectionsAreNoTrouble(URI.create(at).getPort(), () -> send(client, at + "/index", KEY));
        }
    }

    /** As those by which a balancer watches a worker: they say nothing, and are closed or cut. */
    private static void assertSilentConnectionsAreNoTrouble(int port, Callable<String> call) throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(log);
        log.start();
        try {
            for (int i = 0; i < 6; i++) {
                try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    silent.setSoLinger(i % 2 == 0, 0);
                    assertThat(call.call()).isEqualTo("200 Hello world, I am a worker.");
                }
            }
            assertThat(call.call()).isEqualTo("200 Hello world, I am a worker.");
        } finally {
            root.detachAppender(log);
        }
        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN)
                        && event.getLoggerName().matches("io\\.(netty|vertx)\\..*"))
                .isEmpty();
    }

    @Test
    void whoAcceptsJsonGetsJson() throws Exception {
        HttpCalls http = new HttpCalls();
        String[] json = {"Accept", "application/json"};
        try (GatewayNode balancer = GatewayNode.balancer(folder.resolve("data"))) {
            assertThat(http.answer(balancer.address() + "/get_data/1", json))
                    .isEqualTo("400 {\"status\":400,\"message\":\"Producer does not exist\"}");
            // The balancer plays the worker, too: it answers probes.
            assertThat(http.answer(balancer.address() + "/balancer/" + balancer.port(), json))
                    .isEqualTo("200 {\"status\":200,\"message\":\"Successful registration\"}");
            assertThat(http.answer(balancer.address() + "/register/1", json))
                    .isEqualTo("200 {\"status\":200,\"worker\":\"" + balancer.address() + "\"}");
            assertThat(http.answer(balancer.address() + "/register/x", json))
                    .isEqualTo("404 {\"status\":404,\"message\":\"There is nothing at this path.\"}");
            assertThat(http.answer(balancer.address() + "/nothing", json))
                    .isEqualTo("404 {\"status\":404,\"message\":\"There is nothing at this path.\"}");
            assertThat(http.post(balancer.address() + "/register/1", "", json).body())
                    .isEqualTo("{\"status\":405,\"message\":\"This path does not take the method POST.\"}");
            assertThat(http.answer(balancer.address() + "/openapi.json")).contains("\"/register/{id}\"", "\"302\"");
            assertThat(http.answer(balancer.address() + "/try"))
                    .contains("/openapi.json")
                    .doesNotContain("https://", "http://");
        }
    }

    private static String send(HttpClient client, String address, String key) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE);
        if (!key.isEmpty()) {
            request.header("X-API-Key", key);
        }
        var answer = client.send(request.build(), BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static SSLContext trusting(Path certificate) throws Exception {
        java.security.KeyStore store = java.security.KeyStore.getInstance(java.security.KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = java.nio.file.Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "test",
                    java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
