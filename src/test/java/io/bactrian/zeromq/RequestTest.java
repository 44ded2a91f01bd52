package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.socket.RequestTimeoutException;
import io.bactrian.socket.SocketCounters.Counter;
import io.bactrian.socket.SocketView;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Requests whose answer does not come. */
class RequestTest extends ZeroMqTest {

    private SocketView socket(String kind) {
        return context.getComponent("zeromq", ZeroMqComponent.class).sockets().stream()
                .filter(s -> s.settings().kind().name().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void reqTriesAgainOnANewConnection() throws Exception {
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket server = zmq.createSocket(SocketType.ROUTER);
            int port = server.bindToRandomPort("tcp://127.0.0.1");
            AtomicInteger requests = new AtomicInteger();
            Thread thread = new Thread(() -> {
                byte[] first = null;
                while (requests.get() < 3) {
                    byte[] id = server.recv();
                    server.recv();
                    server.recv();
                    if (requests.incrementAndGet() == 3) {
                        server.sendMore(id);
                        server.sendMore("");
                        server.send("at last");
                    }
                    assertThat(id).isNotEqualTo(first);
                    first = id;
                }
            });
            thread.start();
            String req = "zeromq:req:tcp://127.0.0.1:" + port + "?requestTimeout=200&retries=2";
            assertThat(context.createProducerTemplate().requestBody(req, "hello?", String.class))
                    .isEqualTo("at last");
            thread.join();
            assertThat(socket("req").counters().get(Counter.REQUEST_RETRIES)).isEqualTo(2);
        }
    }

    @Test
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
    void aDealersRequestTimesOutAloneAndItsLateAnswerIsStray() throws Exception {
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket server = zmq.createSocket(SocketType.ROUTER);
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
