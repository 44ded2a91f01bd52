package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Tools;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Endpoint;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * CURVE with a reader that sleeps. At its high-water mark JeroMQ loses a message and delivers the ciphertext of another
 * (its issue 1009), so the component holds the peers back in another way.
 */
@Timeout(600)
@Tag("slow")
class CurveBackpressureTest extends ZeroMqTest {
    private static final CurveKeys SERVER = CurveKeys.generate();
    private static final CurveKeys CLIENT = CurveKeys.generate();
    private static final int MESSAGES = 100_000;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Sets the keys of a socket of pyzmq. */
    private static final String PREAMBLE = """
            import sys, time, zmq
            address, server, public, secret = sys.argv[1:5]
            c = zmq.Context()
            def make(kind):
                s = c.socket(kind); s.linger = -1
                s.curve_serverkey, s.curve_publickey, s.curve_secretkey = server.encode(), public.encode(), secret.encode()
                return s
            def body(i): return (b'%08d' % i) + b'x' * 92
            """;

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();
    private String server;
    private String client;

    @BeforeEach
    void write() throws Exception {
        Files.writeString(folder.resolve("server"), CurveCertificate.secretText(SERVER, Map.of()));
        Files.writeString(folder.resolve("client"), CurveCertificate.secretText(CLIENT, Map.of()));
        server = "security=curve&curveAllowAnyClient=true&curveKeyFile=" + folder.resolve("server");
        client = "security=curve&curveKeyFile=" + folder.resolve("client") + "&curveServerKeyFile="
                + folder.resolve("server");
    }

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process python(String program, String address) throws Exception {
        Process process = Tools.python(
                PREAMBLE + program,
                address,
                SERVER.publicKey().z85(),
                CLIENT.publicKey().z85(),
                CLIENT.secretZ85());
        processes.add(process);
        // A read of what it prints cannot be interrupted: it ends with the process.
        CompletableFuture.delayedExecutor(120, TimeUnit.SECONDS).execute(process::destroyForcibly);
        return process;
    }

    private SocketView socket() {
        return sockets().get(0);
    }

    private static String numbered(int i) {
        return String.format("%08d", i) + "x".repeat(92);
    }

    @Test
    void aHighWaterMarkWouldCorruptMessages() {
        ZMQ.Curve.KeyPair keys = ZMQ.Curve.generateKeyPair();
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket pull = zmq.createSocket(SocketType.PULL);
            pull.setHandshakeIvl(300);
            pull.setRcvHWM(100);
            pull.setReceiveTimeOut(2_000);
            pull.setCurvePublicKey(SERVER.publicKey().z85().getBytes(StandardCharsets.US_ASCII));
            pull.setCurveSecretKey(SERVER.secretZ85().getBytes(StandardCharsets.US_ASCII));
            pull.setCurveServer(true);
            int port = pull.bindToRandomPort("tcp://127.0.0.1");
            ZMQ.Socket push = zmq.createSocket(SocketType.PUSH);
            push.setHandshakeIvl(300);
            push.setSndHWM(0);
            push.setCurvePublicKey(keys.publicKey.getBytes(StandardCharsets.US_ASCII));
            push.setCurveSecretKey(keys.secretKey.getBytes(StandardCharsets.US_ASCII));
            push.setCurveServerKey(SERVER.publicKey().z85().getBytes(StandardCharsets.US_ASCII));
            push.connect("tcp://127.0.0.1:" + port);
            for (int i = 0; i < 5_000; i++) {
                push.send(numbered(i));
            }
            int corrupted = 0;
            for (int i = 0; i < 5_000; i++) {
                byte[] body = pull.recv();
                corrupted += body == null || body.length != 100 ? 1 : 0;
            }
            assertThat(corrupted).isPositive();
        }
    }

    @Test
    void aReaderThatSleepsGetsEveryMessageOfPyzmq() throws Exception {
        CountDownLatch awake = new CountDownLatch(1);
        AtomicInteger next = new AtomicInteger();
        List<String> wrong = new ArrayList<>();
        String address = consume("zeromq:pull:" + FREE + "?batchSize=100&curveBacklogBytes=1048576&" + server, e -> {
            awake.await();
            for (Object message : e.getMessage().getBody(List.class)) {
                String body = new String(((ZeroMqMessage) message).frame(0), StandardCharsets.US_ASCII);
                if (!body.equals(numbered(next.getAndIncrement()))) {
                    wrong.add(body);
                }
            }
        });
        Process sender = python("""
                s = make(zmq.PUSH); s.connect(address)
                blocked = False
                for i in range(100000):
                    if not blocked and not s.poll(1000, zmq.POLLOUT):
                        blocked = True; print('held back at', i, flush=True)
                    s.send(body(i))
                print('sent', flush=True); s.close(); c.term()
                """, address);
        assertThat(sender.inputReader().readLine()).startsWith("held back at");
        awake.countDown();
        await().atMost(PATIENCE).until(() -> next.get() >= MESSAGES);
        assertThat(wrong).isEmpty();
        assertThat(next).hasValue(MESSAGES);
        assertThat(sender.waitFor()).isZero();
        assertThat(socket().counters().get(Counter.DROPPED_RECEIVED)).isZero();
    }

    @Test
    void aPyzmqReaderThatSleepsGetsEveryMessage() throws Exception {
        String push = "zeromq:push:" + FREE + "?bind=true&sendTimeout=90000&" + server;
        send(push, new ArrayList<>());
        Process reader = python("""
                s = make(zmq.PULL); s.rcvhwm = 100; s.connect(address)
                time.sleep(2)
                print(sum(s.recv() != body(i) for i in range(100000))); print(s.poll(300))
                """, bound(push));
        for (int from = 0; from < MESSAGES; from += 1_000) {
            List<ZeroMqMessage> batch = new ArrayList<>();
            for (int i = from; i < from + 1_000; i++) {
                batch.add(ZeroMqMessage.of(null, bytes(numbered(i))));
            }
            assertThat(send(push, batch).getException()).isNull();
        }
        assertThat(reader.inputReader().readLine()).isEqualTo("0");
        assertThat(reader.inputReader().readLine()).isEqualTo("0");
    }

    @Test
    void betweenTwoEndpointsNothingIsLostEither() throws Exception {
        CountDownLatch awake = new CountDownLatch(1);
        AtomicInteger next = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        String address = consume("zeromq:pull:" + FREE + "?batchSize=7&curveBacklogBytes=1048576&" + server, e -> {
            awake.await();
            for (Object message : e.getMessage().getBody(List.class)) {
                byte[] body = ((ZeroMqMessage) message).frame(0);
                wrong.addAndGet(
                        new String(body, StandardCharsets.US_ASCII).equals(numbered(next.getAndIncrement())) ? 0 : 1);
            }
        });
        ProducerTemplate template = context.createProducerTemplate();
        Endpoint push = context.getEndpoint("zeromq:push:" + address + "?sendTimeout=90000&pendingQueue=100&" + client);
        for (int i = 0; i < MESSAGES; i++) {
            if (i == 20_000) {
                awake.countDown();
            }
            template.sendBody(push, numbered(i));
        }
        await().atMost(PATIENCE).until(() -> next.get() >= MESSAGES);
        assertThat(next).hasValue(MESSAGES);
        assertThat(wrong).hasValue(0);
    }

    @Test
    void aServerThatIsFloodedWithRequestsAnswersThemAll() throws Exception {
        String router =
                "zeromq:router:" + FREE + "?curveBacklogBytes=1048576&mandatory=true&sendTimeout=60000&" + server;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(router).to(router);
            }
        });
        Process flood = python("""
                s = make(zmq.DEALER); s.sndhwm = 0; s.rcvhwm = 0; s.connect(address)
                for i in range(20000): s.send(body(i) * 10)
                print(sum(s.recv() != body(i) * 10 for i in range(20000))); s.close(); c.term()
                """, bound(router));
        assertThat(flood.inputReader().readLine()).isEqualTo("0");
        assertThat(socket().counters().get(Counter.DROPPED_RECEIVED)).isZero();
    }

    @Test
    @ShowsEffectOf("curveBacklogBytes")
    void whatNobodyReadsIsDroppedAndCountedAndSendingGoesOn() throws Exception {
        String dealer = "zeromq:dealer:" + FREE + "?bind=true&curveBacklogBytes=1048576&" + server;
        send(dealer, new ArrayList<>());
        Process flood = python("""
                s = make(zmq.DEALER); s.connect(address)
                for i in range(30000): s.send(body(i))
                print('sent', flush=True)
                print(s.recv().decode())
                """, bound(dealer));
        assertThat(flood.inputReader().readLine()).isEqualTo("sent");
        await().atMost(PATIENCE).until(() -> socket().counters().get(Counter.DROPPED_RECEIVED) > 0);
        send(dealer, "still here");
        assertThat(flood.inputReader().readLine()).isEqualTo("still here");
    }
}
