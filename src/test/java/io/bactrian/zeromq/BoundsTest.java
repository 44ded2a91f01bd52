package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.SendFailedException;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** What is bounded, and what happens at each bound. */
class BoundsTest extends ZeroMqTest {
    /** Greeting of ZMTP 3.0 with the NULL mechanism, as a client. Source: RFC 23/ZMTP. */
    private static final byte[] GREETING = greeting();

    private static byte[] greeting() {
        byte[] greeting = new byte[64];
        greeting[0] = (byte) 0xFF;
        greeting[9] = 0x7F;
        greeting[10] = 3;
        System.arraycopy(bytes("NULL"), 0, greeting, 12, 4);
        return greeting;
    }

    /** READY command of a PUSH. */
    private static final byte[] READY = ready();

    private static byte[] ready() {
        byte[] body = bytes("\5READY\13Socket-Type\0\0\0\4PUSH");
        byte[] ready = new byte[body.length + 2];
        ready[0] = 4;
        ready[1] = (byte) body.length;
        System.arraycopy(body, 0, ready, 2, body.length);
        return ready;
    }

    private SocketView socket(String kind) {
        return sockets().stream()
                .filter(s -> s.settings().kind().name().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @ShowsEffectOf({"pendingQueue", "sendTimeout"})
    void aFullQueueFailsTheExchangeAfterTheSendTimeout() throws Exception {
        String push = "zeromq:push:tcp://127.0.0.1:" + Ports.free()
                + "?sendHighWaterMark=5&pendingQueue=3&sendTimeout=100&linger=0";
        List<Exchange> failed = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Exchange exchange = send(push, "x");
            if (exchange.isFailed()) {
                failed.add(exchange);
                break;
            }
        }
        assertThat(failed)
                .singleElement()
                .satisfies(e -> assertThat(e.getException())
                        .isInstanceOf(SendFailedException.class)
                        .hasMessageContaining("pendingQueue=3 sendTimeout=100 ms"));
        assertThat(socket("push").counters().get(Counter.SEND_TIMEOUTS)).isEqualTo(1);
        assertThat(socket("push").counters().get(Counter.SENT_MESSAGES)).isEqualTo(5);
    }

    @Test
    @ShowsEffectOf("sendHighWaterMark")
    void theHighWaterMarkIsSetBeforeTheSocketConnects() throws Exception {
        for (int mark : new int[] {3, 30}) {
            String push = "zeromq:push:tcp://127.0.0.1:" + Ports.free() + "?linger=0&sendHighWaterMark=" + mark;
            send(push, numbers(100));
            SocketView socket = sockets().stream()
                    .filter(s -> s.settings().queues().sendHighWaterMark() == mark)
                    .findFirst()
                    .orElseThrow();
            await().until(() -> socket.counters().get(Counter.SENT_MESSAGES) == mark);
        }
    }

    @Test
    @ShowsEffectOf("maxFrames")
    void aMessageOfTooManyFramesIsDroppedAndTheNextOneCounts() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxFrames=3");
        String push = "zeromq:push:" + address;
        send(push, Collections.nCopies(4, bytes("many")));
        send(push, Collections.nCopies(3, bytes("few")));
        await().until(() -> received.size() == 1);
        assertThat((List<?>) received.element().getMessage().getBody()).hasSize(3);
        assertThat(socket("pull").counters().get(Counter.DROPPED_RECEIVED)).isEqualTo(1);
    }

    @Test
    @ShowsEffectOf("maxFrameBytes")
    void aFrameAboveTheBoundEndsItsConnectionOnly() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxFrameBytes=1000");
        String large = "zeromq:push:" + address + "?socketName=large";
        String small = "zeromq:push:" + address + "?socketName=small";
        send(small, "before");
        await().until(() -> received.size() == 1);
        send(large, new byte[1_001]);
        await().until(() -> socket("pull").counters().get(Counter.DISCONNECTED) > 0);
        send(small, new byte[1_000]);
        await().until(() -> received.size() == 2);
        assertThat(received).noneMatch(e -> e.getMessage().getBody(byte[].class).length > 1_000);
    }

    @Test
    void hostileBytesStopNobody() throws Exception {
        String address = consume("zeromq:pull:" + FREE);
        String push = "zeromq:push:" + address;
        send(push, "before");
        await().until(() -> received.size() == 1);
        URI uri = URI.create(address);
        Random random = new Random(7);
        byte[] garbage = new byte[10_000];
        random.nextBytes(garbage);
        byte[] hugeFrame = {2, 0x7F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 1};
        for (byte[][] attack : List.of(
                new byte[][] {garbage},
                new byte[][] {GREETING, hugeFrame},
                new byte[][] {GREETING, READY, hugeFrame},
                new byte[][] {bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")},
                new byte[][] {})) {
            try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
                OutputStream out = socket.getOutputStream();
                for (byte[] part : attack) {
                    out.write(part);
                    out.flush();
                }
            }
        }
        send(push, "after");
        await().until(() -> bodies().contains("after"));
        assertThat(socket("pull").failure()).isNull();
        // ZMTP 1.0 has no greeting: bytes that happen to look like its frames arrive as messages, within the bounds.
        assertThat(bodies()).contains("before", "after");
    }

    @Test
    @ShowsEffectOf({"mandatory", "awaitSend"})
    void aMandatoryRouterSaysThatAPeerIsUnknown() throws Exception {
        String router = "zeromq:router:" + FREE + "?mandatory=true&awaitSend=true";
        Exchange exchange = send(router, "x", Map.of(ZeroMqConstants.ROUTING_ID, bytes("nobody")));
        assertThat(exchange.getException())
                .isInstanceOf(SendFailedException.class)
                .hasMessageContaining("no peer with this routing id");
        assertThat(send(router, "x").getException()).hasMessageContaining("routing id");
        assertThat(socket("router").counters().get(Counter.DROPPED_SENT)).isEqualTo(2);
    }

    @Test
    void whatARouterThatIsNotMandatoryDropsIsCounted() throws Exception {
        String router = "zeromq:router:" + FREE + "?sendHighWaterMark=10&awaitSend=true";
        send(router, "x", Map.of(ZeroMqConstants.ROUTING_ID, bytes("nobody")));
        assertThat(socket("router").counters().get(Counter.DROPPED_SENT)).isEqualTo(1);
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket deaf = zmq.createSocket(SocketType.DEALER);
            deaf.setHandshakeIvl(300);
            deaf.setIdentity(bytes("deaf"));
            deaf.setRcvHWM(1);
            deaf.connect(bound(router));
            Map<String, Object> toDeaf = Map.of(ZeroMqConstants.ROUTING_ID, bytes("deaf"));
            var counters = socket("router").counters();
            await().until(() -> {
                send(router, "connected?", toDeaf);
                return counters.get(Counter.SENT_MESSAGES) > 0;
            });
            long dropped = counters.get(Counter.DROPPED_SENT);
            byte[] body = new byte[1 << 20];
            for (int i = 0; i < 500 && counters.get(Counter.DROPPED_SENT) == dropped; i++) {
                assertThat(send(router, body, toDeaf).getException()).isNull();
            }
            assertThat(counters.get(Counter.DROPPED_SENT)).isEqualTo(dropped + 1);
        }
    }

    @Test
    void whatAPublisherDropsIsCountedOnceForEachSubscriberThatMissesIt() throws Exception {
        String xpub = "zeromq:xpub:" + FREE + "?sendHighWaterMark=10&awaitSend=true";
        String subscribed = consume(xpub, received::add);
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket all = subscriber(zmq, subscribed, "", "a");
            ZMQ.Socket some = subscriber(zmq, subscribed, "b");
            await().until(() -> received.size() == 3);
            var counters = socket("xpub").counters();
            int sent = 0;
            while (counters.get(Counter.DROPPED_SENT) < 50 && sent < 2_000) {
                byte[] body = new byte[1 << 20];
                body[0] = (byte) (sent++ % 2 == 0 ? 'a' : 'b');
                send(xpub, body);
            }
            assertThat(counters.get(Counter.DROPPED_SENT)).isGreaterThanOrEqualTo(50);
            // Of what is sent, each subscriber gets what is not counted.
            long wanted = sent + sent / 2;
            long[] arrived = {0};
            await().untilAsserted(() -> {
                arrived[0] += read(all) + read(some);
                assertThat(arrived[0] + counters.get(Counter.DROPPED_SENT)).isEqualTo(wanted);
            });
            send(xpub, bytes("b again"));
            await().untilAsserted(() -> {
                arrived[0] += read(all) + read(some);
                assertThat(arrived[0] + counters.get(Counter.DROPPED_SENT))
                        .as("who reads gets messages again")
                        .isEqualTo(wanted + 2);
            });
        }
    }

    private static ZMQ.Socket subscriber(ZContext zmq, String address, String... topics) {
        ZMQ.Socket sub = zmq.createSocket(SocketType.SUB);
        sub.setRcvHWM(10);
        sub.setReceiveTimeOut(100);
        for (String topic : topics) {
            sub.subscribe(bytes(topic));
        }
        sub.connect(address);
        return sub;
    }

    private static long read(ZMQ.Socket sub) {
        long count = 0;
        while (sub.recv() != null) {
            count++;
        }
        return count;
    }

    @Test
    @ShowsEffectOf("receiveHighWaterMark")
    void aSlowRouteHoldsTheSenderBack() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        String address = consume("zeromq:pull:" + FREE + "?batchSize=10&receiveHighWaterMark=10", e -> {
            go.await();
            received.add(e);
        });
        // Larger than what the buffers of TCP take on loopback.
        String push = "zeromq:push:" + address + "?sendHighWaterMark=10&pendingQueue=1&sendTimeout=200&linger=30s";
        byte[] body = new byte[1 << 20];
        int accepted = 0;
        while (!send(push, body).isFailed()) {
            accepted++;
            assertThat(accepted).isLessThan(200);
        }
        go.countDown();
        int all = accepted;
        await().until(() -> batched().size() == all);
    }

    @Test
    void wrongOptionsAreAllNamedAtOnce() {
        assertThatThrownBy(() -> consume("zeromq:pull:127.0.0.1:5570?batchSize=0&maxFrames=0&mandatory=true"))
                .hasStackTraceContaining("address=127.0.0.1:5570 must begin with one of")
                .hasStackTraceContaining("batchSize=0 must be at least 1")
                .hasStackTraceContaining("maxFrames=0 must be at least 1")
                .hasStackTraceContaining("mandatory is only for [router]");
        assertThatThrownBy(() -> consume("zeromq:nonsense:tcp://127.0.0.1:1"))
                .hasStackTraceContaining("unknown socket type nonsense");
        assertThatThrownBy(() -> consume("zeromq:push:tcp://127.0.0.1:1"))
                .hasStackTraceContaining("cannot be a consumer");
        assertThatThrownBy(() -> routes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:in").to("zeromq:pull:tcp://127.0.0.1:*");
                    }
                }))
                .hasStackTraceContaining("cannot be a producer");
    }

    @Test
    void aFrameForWhichThereIsNoMemoryIsRefusedAndTheIoThreadLivesOn() throws Exception {
        // What would happen without the bound on frames: JeroMQ allocates what the peer announces.
        String address = consume("zeromq:pull:" + FREE + "?maxFrameBytes=2147483647&maxIncompleteBytes=2147483647");
        for (long refused = 1; refused <= 3; refused++) {
            try (RawPeer greedy = RawPeer.handshaken(address, "PUSH")) {
                greedy.write(RawPeer.header(0, Integer.MAX_VALUE));
                assertThat(greedy.isEnded()).isTrue();
            }
            assertThat(socket("pull").counters().get(Counter.FRAMES_REFUSED)).isEqualTo(refused);
        }
        send("zeromq:push:" + address, "afterwards");
        await().until(() -> bodies().contains("afterwards"));
        assertThat(socket("pull").failure()).isNull();
    }
}
