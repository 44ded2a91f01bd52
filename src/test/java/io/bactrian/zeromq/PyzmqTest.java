package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Tools;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The component against libzmq, the reference implementation of ZMTP. */
@Tag("slow")
class PyzmqTest extends ZeroMqTest {
    private static final String PREAMBLE = "import sys, zmq\nc = zmq.Context()\na = sys.argv[1]\n";

    private static String python(String program, String address) throws Exception {
        Process process = Tools.python(PREAMBLE + program, address);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.strip();
    }

    @Test
    void pushToPull() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?batchSize=1000");
        python(
                "s = c.socket(zmq.PUSH); s.connect(a)\nfor i in range(10000): s.send(b'%d' % i)\ns.close(); c.term()",
                address);
        await().until(() -> batched().size() == 10_000);
        assertThat(batched())
                .isEqualTo(
                        IntStream.range(0, 10_000).mapToObj(Integer::toString).toList());
    }

    @Test
    void pushTo() throws Exception {
        String push = "zeromq:push:" + FREE + "?bind=true";
        send(push, numbers(1_000));
        assertThat(python(
                        "s = c.socket(zmq.PULL); s.connect(a)\nprint(sum(int(s.recv()) for i in range(1000)))",
                        bound(push)))
                .isEqualTo("499500");
    }

    @Test
    void subscribers() throws Exception {
        String xpub = "zeromq:xpub:" + FREE;
        Queue<Exchange> events = new ConcurrentLinkedQueue<>();
        String address = consume(xpub, events::add);
        Process sub = Tools.python(
                PREAMBLE + "s = c.socket(zmq.SUB); s.connect(a); s.subscribe('w')\nprint(s.recv_multipart())", address);
        await().atMost(Duration.ofSeconds(60)).until(() -> !events.isEmpty());
        send(xpub, "not for you", Map.of(ZeroMqConstants.TOPIC, "x"));
        send(xpub, "sunny", Map.of(ZeroMqConstants.TOPIC, "weather"));
        assertThat(new String(sub.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
                .isEqualTo("[b'weather', b'sunny']");
        await().until(() -> events.size() == 2);
        assertThat(events)
                .extracting(e -> e.getMessage().getHeader(ZeroMqConstants.SUBSCRIPTION))
                .containsExactly("subscribe", "unsubscribe");
    }

    @Test
    void publishers() throws Exception {
        String address = consume("zeromq:sub:" + FREE + "?bind=true&subscribe=w");
        python("""
                s = c.socket(zmq.XPUB); s.connect(a)
                assert s.recv() == b'\\x01w'
                s.send_multipart([b'x', b'no'])
                s.send_multipart([b'weather', b'rain'])
                s.close(); c.term()
                """, address);
        await().until(() -> received.size() == 1);
        assertThat(received.element().getMessage().getHeader(ZeroMqConstants.TOPIC))
                .isEqualTo("weather");
        assertThat(bodies()).containsExactly("rain");
    }

    @Test
    void requestsToRep() throws Exception {
        String rep = "zeromq:rep:" + FREE;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(rep).transform(body().prepend("re: "));
            }
        });
        assertThat(python(
                        "s = c.socket(zmq.REQ); s.connect(a)\ns.send(b'a'); print(s.recv())\ns.send(b'b'); print(s.recv())",
                        bound(rep)))
                .isEqualTo("b're: a'\nb're: b'");
    }

    @Test
    void requestsFromReqAndDealer() throws Exception {
        Process rep = Tools.python(
                "import zmq\nc = zmq.Context(); s = c.socket(zmq.REP); p = s.bind_to_random_port('tcp://127.0.0.1')\n"
                        + "print(p, flush=True)\nfor i in range(2): s.send(b're: ' + s.recv())\ns.close(); c.term()");
        String address = "tcp://127.0.0.1:" + rep.inputReader().readLine();
        var template = context.createProducerTemplate();
        assertThat(template.requestBody("zeromq:req:" + address, "one", String.class))
                .isEqualTo("re: one");
        assertThat(template.requestBody("zeromq:dealer:" + address, "two", String.class))
                .isEqualTo("re: two");
        assertThat(rep.waitFor()).isZero();
    }

    @Test
    void routerAndDealer() throws Exception {
        String router = "zeromq:router:" + FREE;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(router).process(received::add).to(router);
            }
        });
        assertThat(python(
                        "s = c.socket(zmq.DEALER); s.setsockopt(zmq.IDENTITY, b'me'); s.connect(a)\n"
                                + "s.send_multipart([b'a', b'', b'b']); print(s.recv_multipart())",
                        bound(router)))
                .isEqualTo("[b'a', b'', b'b']");
        assertThat(received.element().getMessage().getHeader(ZeroMqConstants.ROUTING_ID, String.class))
                .isEqualTo("me");
    }

    @Test
    void pair() throws Exception {
        String pair = "zeromq:pair:" + FREE + "?bind=true";
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(pair).transform(body().prepend("re: ")).to(pair);
            }
        });
        assertThat(python("s = c.socket(zmq.PAIR); s.connect(a); s.send(b'x'); print(s.recv())", bound(pair)))
                .isEqualTo("b're: x'");
    }

    @Test
    void xsubAndXpub() throws Exception {
        String xsub = "zeromq:xsub:" + FREE + "?bind=true&batchSize=10";
        String address = consume(xsub);
        Process pub = Tools.python(
                PREAMBLE + "s = c.socket(zmq.XPUB); s.connect(a)\nprint(s.recv(), flush=True)\n"
                        + "s.send_multipart([b't', b'1', b'2']); print(s.recv()); s.close(); c.term()",
                address);
        assertThat(pub.isAlive()).isTrue();
        send(xsub, new byte[] {1, 't'});
        assertThat(pub.inputReader().readLine()).isEqualTo("b'\\x01t'");
        await().until(() -> !received.isEmpty());
        assertThat(batched()).containsExactly("t");
        send(xsub, new byte[] {0, 't'});
        assertThat(pub.inputReader().readLine()).isEqualTo("b'\\x00t'");
    }
}
