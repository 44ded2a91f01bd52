package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.RequestTimeoutException;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Requests whose answer does not come. */
class RequestTest extends ZeroMqTest {

    private SocketView socket(String kind) {
        return sockets().stream()
                .filter(s -> s.settings().kind().name().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private static ZMQ.Socket server(ZContext zmq) {
        ZMQ.Socket server = zmq.createSocket(SocketType.ROUTER);
        server.setHandshakeIvl(300);
        server.setReceiveTimeOut(60_000);
        return server;
    }

    @Test
    void reqTriesAgainOnANewConnection() throws Exception {
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket server = server(zmq);
            int port = server.bindToRandomPort("tcp://127.0.0.1");
            CompletableFuture<Set<ByteBuffer>> peers = CompletableFuture.supplyAsync(() -> {
                Set<ByteBuffer> seen = new HashSet<>();
                for (int request = 1; request <= 3; request++) {
                    byte[] id = server.recv();
                    server.recv();
                    server.recv();
                    seen.add(ByteBuffer.wrap(id));
                    if (request == 3) {
                        server.sendMore(id);
                        server.sendMore("");
                        server.send("at last");
                    }
                }
                return seen;
            });
            String req = "zeromq:req:tcp://127.0.0.1:" + port + "?requestTimeout=1000&retries=50";
            assertThat(context.createProducerTemplate().requestBody(req, "hello?", String.class))
                    .isEqualTo("at last");
            assertThat(peers.join()).hasSize(3);
            assertThat(socket("req").counters().get(Counter.REQUEST_RETRIES)).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    @ShowsEffectOf("retries")
    void reqGivesUpAfterItsRetriesAndThenGoesOn() throws Exception {
        String rep = "zeromq:rep:" + FREE;
        AtomicInteger requests = new AtomicInteger();
        String silent = consume("zeromq:pull:" + FREE);
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(rep).process(e -> requests.incrementAndGet());
            }
        });
        assertThatThrownBy(() -> context.createProducerTemplate()
                        .requestBody("zeromq:req:" + silent + "?requestTimeout=100&retries=1", "hello?"))
                .rootCause()
                .isInstanceOf(RequestTimeoutException.class)
                .hasMessageContaining("requestTimeout=100 ms retries=1");
        assertThat(context.createProducerTemplate().requestBody("zeromq:req:" + bound(rep), "q", String.class))
                .isEqualTo("q");
    }

    @Test
    void aRequestThatHasTimedOutIsNotSentAnyMore() throws Exception {
        int port = Ports.free();
        // One request fits into ZeroMQ while there is no peer.
        String dealer = "zeromq:dealer:tcp://127.0.0.1:" + port + "?sendHighWaterMark=1&pendingQueue=20";
        var template = context.createProducerTemplate();
        for (int round = 0; round < 3; round++) {
            // Each round fills the queue, so nothing of the former one may be left in it.
            List<CompletableFuture<Object>> lost = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                lost.add(template.asyncRequestBody(dealer + "&sendTimeout=10s&requestTimeout=300", "lost"));
            }
            for (CompletableFuture<Object> one : lost) {
                assertThatThrownBy(one::get).rootCause().isInstanceOf(RequestTimeoutException.class);
            }
        }
        SocketView socket = socket("dealer");
        assertThat(socket.pendingRequests()).isZero();
        await().until(() -> socket.queued() == 0);
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket server = server(zmq);
            server.bind("tcp://127.0.0.1:" + port);
            var answered = template.asyncRequestBody(dealer + "&requestTimeout=60s", "live", String.class);
            List<String> seen = new ArrayList<>();
            while (!seen.contains("live")) {
                byte[] id = server.recv();
                byte[] correlation = server.recv();
                server.recv();
                String body = server.recvStr();
                seen.add(body);
                server.sendMore(id);
                server.sendMore(correlation);
                server.sendMore("");
                server.send(body);
            }
            assertThat(answered.get()).isEqualTo("live");
            assertThat(seen).containsExactly("lost", "live");
            assertThat(socket.counters().get(Counter.STRAY_REPLIES)).isEqualTo(1);
        }
    }

    @Test
    @ShowsEffectOf("requestTimeout")
    void aDealersRequestTimesOutAloneAndItsLateAnswerIsStray() throws Exception {
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket server = server(zmq);
            String dealer = "zeromq:dealer:tcp://127.0.0.1:" + server.bindToRandomPort("tcp://127.0.0.1")
                    + "?requestTimeout=300";
            var template = context.createProducerTemplate();
            var lost = template.asyncRequestBody(dealer, "lost");
            byte[] id = server.recv();
            byte[] lostCorrelation = server.recv();
            server.recv();
            server.recv();
            assertThatThrownBy(lost::get).rootCause().isInstanceOf(RequestTimeoutException.class);
            var answered = template.asyncRequestBody(dealer, "answered", String.class);
            for (int i = 0; i < 4; i++) {
                byte[] frame = server.recv();
                if (i == 1) {
                    server.sendMore(id);
                    server.sendMore(lostCorrelation);
                    server.sendMore("");
                    server.send("too late");
                    server.sendMore(id);
                    server.sendMore(frame);
                    server.sendMore("");
                    server.send("in time");
                }
            }
            assertThat(answered.get()).isEqualTo("in time");
            assertThat(socket("dealer").counters().get(Counter.STRAY_REPLIES)).isEqualTo(1);
            assertThat(socket("dealer").counters().get(Counter.REQUEST_TIMEOUTS))
                    .isEqualTo(1);
        }
    }
}
