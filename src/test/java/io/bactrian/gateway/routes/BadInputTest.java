package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What must not hurt: each test ends with a heartbeat and a read that work. */
@Tag("system")
class BadInputTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CONNECTIONS_MAX = 100;
    private static final int BODY_MAX = 100_000;
    private static final int PIPELINED = 200;

    /** More than the buffers of both sockets hold. */
    private static final long UNREAD_MAX = 64_000_000;

    private static final long QUIET_NS = Duration.ofMillis(500).toNanos();

    @TempDir
    static Path data;

    private static final HttpCalls HTTP = new HttpCalls();
    private static GatewayNode balancer;
    private static GatewayNode worker;

    @BeforeAll
    static void start() {
        String[] bounds = {
            "bactrian.gateway.connections.max=" + CONNECTIONS_MAX,
            "bactrian.gateway.body.bytesMax=" + BODY_MAX,
            "bactrian.gateway.body.largeBytesMax=" + 3 * BODY_MAX / 2,
            "bactrian.gateway.body.depthMax=20",
            "bactrian.gateway.request.timeout=2s",
            "bactrian.gateway.idle.timeout=4s"
        };
        balancer = GatewayNode.balancer(data, bounds);
        worker = GatewayNode.worker(data, List.of(balancer), bounds);
        await().atMost(PATIENCE)
                .until(() -> HTTP.answer(balancer.address() + "/register/1").startsWith("200"));
    }

    @AfterAll
    static void stop() {
        worker.close();
        balancer.close();
    }

    @AfterEach
    void theServiceGoesOn() {
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
            assertThat(HTTP.heartbeat(HTTP.register(balancer, 1), 1, "lab", "1"))
                    .isEqualTo("200 Producer(1) heartbeat updated");
            assertThat(HTTP.consume(balancer, 1)).isEqualTo("1");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "-1", "1.0", "1e3", "0x1", "%00", "99999999999999999999", "1%2F2", "٣", "", "1/2"})
    void anIdThatIsNoWholeNumberIsNotFound(String id) throws Exception {
        assertThat(HTTP.get(balancer.address() + "/register/" + id).statusCode())
                .isEqualTo(404);
        assertThat(HTTP.get(balancer.address() + "/get_data/" + id).statusCode())
                .isEqualTo(404);
        assertThat(HTTP.get(worker.address() + "/get_data/" + id).statusCode()).isEqualTo(404);
        assertThat(HTTP.get(balancer.address() + "/balancer/" + id).statusCode())
                .isEqualTo(404);
        assertThat(HTTP.get(balancer.address() + "/worker/quit/" + id).statusCode())
                .isEqualTo(404);
    }

    @Test
    void aPortThatIsNoneAndAWorkerThatIsUnknownAreRefused() throws Exception {
        assertThat(HTTP.answer(balancer.address() + "/balancer/65536")).startsWith("400 A port is");
        assertThat(HTTP.answer(balancer.address() + "/worker/quit/1")).isEqualTo("400 Quit not accepted");
    }

    @Test
    void aWrongMethodIsRefused() throws Exception {
        assertThat(HTTP.post(balancer.address() + "/register/1", "").statusCode())
                .isEqualTo(405);
        assertThat(HTTP.post(balancer.address() + "/get_data/1", "").statusCode())
                .isEqualTo(405);
        assertThat(HTTP.post(balancer.address() + "/balancer/6000", "").statusCode())
                .isEqualTo(405);
        assertThat(HTTP.post(worker.address() + "/get_data/1", "").statusCode()).isEqualTo(405);
        assertThat(HTTP.get(worker.address() + "/heartbeat").statusCode()).isEqualTo(405);
    }

    @Test
    void aBodyThatIsNoHeartbeatIsRefused() throws Exception {
        assertThat(HTTP.post(worker.address() + "/heartbeat", "id=1").body())
                .isEqualTo("Heartbeat object must be in json format.");
        assertThat(HTTP.post(worker.address() + "/heartbeat", "{\"id\": 1, \"data\": 2}")
                        .body())
                .isEqualTo("Heartbeat object must contain 'id', 'location', and 'data'.");
        assertThat(HTTP.heartbeat(worker.address(), 1, "lab", "[".repeat(4_000) + "]".repeat(4_000)))
                .isEqualTo("400 Heartbeat object must be in json format.");
        assertThat(HTTP.post(worker.address() + "/heartbeat", "{\"id\": \"1\", \"location\": \"lab\", \"data\": 2}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void aBodyThatIsTooLargeIsRefused() throws Exception {
        assertThat(HTTP.heartbeat(worker.address(), 1, "lab", "\"" + "x".repeat(BODY_MAX - 100) + "\""))
                .startsWith("200");
        assertThat(HTTP.heartbeat(worker.address(), 1, "lab", "\"" + "x".repeat(BODY_MAX) + "\""))
                .startsWith("413");
    }

    @Test
    void noHeaderAndNoParameterReachesTheRoute() throws Exception {
        assertThat(HTTP.get(
                                balancer.address() + "/register/1?id=7&CamelHttpResponseCode=500",
                                "CamelHttpResponseCode",
                                "500",
                                "id",
                                "8",
                                "X-Lease-Ms",
                                "9")
                        .statusCode())
                .isEqualTo(200);
        assertThat(HTTP.get(balancer.address() + "/get_data/1?id=7").headers().firstValue("Location"))
                .contains(worker.address() + "/get_data/1");
    }

    /** As curl does with -d, whatever the body is. */
    @Test
    void aHeartbeatThatItsClientCallsAFormIsAHeartbeat() throws Exception {
        String large = "{\"id\":5,\"location\":\"lab\",\"data\":\"" + "a=b&".repeat(3_000) + "\"}";
        for (String type : List.of("application/x-www-form-urlencoded", "Multipart/Form-Data; boundary=x")) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(worker.address() + "/heartbeat"))
                    .header("Content-Type", type)
                    .POST(HttpRequest.BodyPublishers.ofString(large))
                    .build();
            assertThat(HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("Producer(5) heartbeat updated");
        }
    }

    @Test
    void aLocationIsNoSql() throws Exception {
        HTTP.heartbeat(worker.address(), 5, "lab", "5");
        assertThat(HTTP.answer(worker.address() + "/get_data_location/x'%20or%20'1'='1"))
                .isEqualTo("400 Error - Data not found. Try again later.");
    }

    /** Each would be a trace in the log, which strangers must not fill. */
    @Test
    void aRequestThatIsMalformedOrBreaksOffIsNoErrorOfTheGateway() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(log);
        log.start();
        try {
            assertThat(answer("GET /get_data_location/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ")
                    .endsWith("The request is malformed.");
            String post = "POST /heartbeat HTTP/1.1\r\nHost: x\r\n";
            answer(post + "Transfer-Encoding: chunked\r\n\r\nzz\r\nx");
            answer(post + "Transfer-Encoding: chunked\r\n\r\n-1\r\nx");
            try (Socket gone = new Socket(InetAddress.getLoopbackAddress(), worker.port())) {
                gone.getOutputStream()
                        .write((post + "Content-Length: 100\r\n\r\n{").getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(HTTP.answer(worker.address() + "/index")).startsWith("200");
            theServiceGoesOn();
        } finally {
            root.detachAppender(log);
        }
        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.ERROR))
                .isEmpty();
    }

    private static String answer(String request) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), worker.port())) {
            client.setSoTimeout((int) PATIENCE.toMillis());
            client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (java.net.SocketException reset) {
            return reset.toString();
        }
    }

    @Test
    void aClientThatSendsItsRequestAnOctetAtATimeIsCutOff() throws Exception {
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), worker.port())) {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).until(() -> {
                try {
                    slow.getOutputStream().write('G');
                    slow.setSoTimeout(1);
                    return slow.getInputStream().read() < 0;
                } catch (java.net.SocketTimeoutException open) {
                    return false;
                } catch (IOException cut) {
                    return true;
                }
            });
        }
    }

    @Test
    void aClientThatSendsItsBodySlowlyIsCutOff() throws Exception {
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), worker.port())) {
            slow.getOutputStream()
                    .write(
                            "POST /heartbeat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
                                    .getBytes(StandardCharsets.US_ASCII));
            assertEnds(slow);
        }
    }

    @Test
    void idleConnectionsAreBoundedAndClosed() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * CONNECTIONS_MAX; i++) {
                idle.add(new Socket(InetAddress.getLoopbackAddress(), worker.port()));
            }
            for (Socket each : idle) {
                assertEnds(each);
            }
        } finally {
            for (Socket each : idle) {
                each.close();
            }
        }
    }

    @Test
    void largeBodiesAreBoundedTogether() throws Exception {
        String large = "\"" + "x".repeat(BODY_MAX - 100) + "\"";
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), worker.port())) {
            slow.getOutputStream()
                    .write(("POST /heartbeat HTTP/1.1\r\nHost: x\r\nContent-Length: " + BODY_MAX + "\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(HTTP.heartbeat(worker.address(), 6, "lab", large))
                            .isEqualTo("503 Too many large bodies are under way. Try again later."));
            assertThat(HTTP.heartbeat(worker.address(), 6, "lab", "1")).startsWith("200");
        }
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(HTTP.heartbeat(worker.address(), 6, "lab", large))
                        .startsWith("200"));
    }

    /** It must not fill the memory with what it asks for, nor with what it is answered. */
    @Test
    void aClientThatAsksOnWithoutReadingIsNotReadOn() throws Exception {
        byte[] requests =
                "GET /get_data/1 HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer rest = ByteBuffer.wrap(requests);
        long sent = 0;
        try (SocketChannel client =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), worker.port()))) {
            client.configureBlocking(false);
            long blockedSinceNs = System.nanoTime();
            while (System.nanoTime() - blockedSinceNs < QUIET_NS) {
                int some = client.write(rest);
                sent += some;
                assertThat(sent).as("octets that were taken").isLessThan(UNREAD_MAX);
                if (some > 0) {
                    blockedSinceNs = System.nanoTime();
                } else {
                    Thread.onSpinWait();
                }
                if (!rest.hasRemaining()) {
                    rest.clear();
                }
            }
        } catch (IOException cut) {
            assertThat(sent).isPositive();
        }
    }

    @Test
    void requestsThatComeAtOnceAreAnsweredInOrder() throws Exception {
        StringBuilder requests = new StringBuilder();
        for (int id = 1_000; id < 1_000 + PIPELINED; id++) {
            requests.append("GET /get_data/").append(id).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        requests.append("GET /index HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), worker.port())) {
            client.setSoTimeout((int) PATIENCE.toMillis());
            client.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
            String answers = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answers.split("HTTP/1.1 400 ", -1)).hasSize(PIPELINED + 1);
            assertThat(answers).endsWith("Hello world, I am a worker.");
        }
    }

    private static void assertEnds(Socket socket) throws IOException {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        InputStream in = socket.getInputStream();
        try {
            // An answer such as 408 may come first.
            while (in.read() >= 0) {
                continue;
            }
        } catch (java.net.SocketTimeoutException stillOpen) {
            throw new AssertionError("the connection is still open", stillOpen);
        } catch (IOException reset) {
            assertThat(reset).isNotNull();
        }
    }
}
