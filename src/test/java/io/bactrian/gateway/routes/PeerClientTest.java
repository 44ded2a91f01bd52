package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever is called may answer whatever he likes. */
@Timeout(600)
class PeerClientTest {
    private static final int ANSWER_MAX = 1_000;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(500);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch cut = new CountDownLatch(1);
    private final PeerClient client = new PeerClient("", "", LONG, ANSWER_MAX, threads);
    private HttpServer server;
    private String address;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/long", request -> send(request, ANSWER_MAX));
        server.createContext("/longer", request -> send(request, ANSWER_MAX + 1));
        server.createContext("/endless", this::sendForEver);
        server.createContext("/hanging", this::sendHeadOnly);
        server.start();
        address = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        cut.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static void send(HttpExchange request, int length) throws IOException {
        byte[] answer = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
        request.sendResponseHeaders(200, answer.length);
        request.getResponseBody().write(answer);
        request.close();
    }

    private void sendForEver(HttpExchange request) throws IOException {
        request.sendResponseHeaders(200, 0);
        try (OutputStream body = request.getResponseBody()) {
            byte[] some = new byte[10_000];
            while (true) {
                body.write(some);
            }
        } catch (IOException e) {
            cut.countDown();
        }
    }

    private void sendHeadOnly(HttpExchange request) throws IOException {
        request.sendResponseHeaders(200, 10);
        request.getResponseBody().write('x');
        request.getResponseBody().flush();
        try {
            boolean unused = cut.await(LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        request.close();
    }

    @Test
    void anAnswerHasABound() throws Exception {
        assertThat(client.get(address + "/long", LONG).join().body()).hasSize(ANSWER_MAX);
        assertFails(client.get(address + "/longer", LONG), "the answer has more than 1000 octets");
        assertThat(client.get(address + "/longer", LONG, 2 * ANSWER_MAX).join().body())
                .hasSize(ANSWER_MAX + 1);
        assertFails(client.get(address + "/endless", LONG), "the answer has more than 1000 octets");
        assertThat(cut.await(LONG.toSeconds(), TimeUnit.SECONDS))
                .as("the connection is closed")
                .isTrue();
    }

    @Test
    void anAnswerThatDoesNotEndHasFailedInTime() {
        assertThatThrownBy(client.get(address + "/hanging", SHORT)::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(TimeoutException.class)
                .extracting(CallFailures::reason)
                .isEqualTo("does not answer in time");
        assertThatThrownBy(client.post(address + "/hanging", "", SHORT)::join)
                .hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void anAnswerThatIsCutOffIsToldAsSuch() {
        cut.countDown();
        assertThatThrownBy(client.get(address + "/hanging", LONG)::join)
                .extracting(CallFailures::reason, STRING)
                .startsWith("cuts its answer off (");
    }

    @Test
    void aHostWithoutAnAddressIsNoneThatRefuses() {
        assertThatThrownBy(client.get("http://no-such-host.invalid/ready", LONG)::join)
                .satisfies(
                        failure -> assertThat(CallFailures.isRefused(failure)).isFalse())
                .extracting(CallFailures::reason)
                .isEqualTo("has no address");
    }

    @Test
    void anAddressThatIsNoneFailsAsAnyCall() {
        assertThat(client.get("http://a:b:c/ready", LONG)).isCompletedExceptionally();
        assertThat(client.get("http://[/ready", LONG)).isCompletedExceptionally();
    }

    private static void assertFails(CompletableFuture<HttpResponse<String>> call, String message) {
        assertThatThrownBy(call::join).hasStackTraceContaining(message);
    }
}
