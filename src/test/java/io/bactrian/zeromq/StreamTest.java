package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeTimedOutException;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Bodies that are sent in chunks. */
@Tag("slow")
class StreamTest extends ZeroMqTest {
    private static final int CHUNK = 256 * 1024;
    private static final String ROUTER = "zeromq:router:" + FREE + "?stream=true";

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    @TempDir
    Path folder;

    private String serve(String options, Processor processor) throws Exception {
        context.getRegistry().bind("failures", new FailureCollector(failures));
        String uri = ROUTER + options + "&exceptionHandler=#failures";
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri)
                        .errorHandler(noErrorHandler())
                        .routeId("in" + options)
                        .streamCache("false")
                        .process(processor);
            }
        });
        return bound(uri);
    }

    private static String dealer(String address) {
        return "zeromq:dealer:" + address + "?stream=true";
    }

    private static InputStream body(Exchange exchange) {
        return (InputStream) exchange.getMessage().getBody();
    }

    private static byte[] random(int bytes) {
        byte[] body = new byte[bytes];
        new Random(bytes).nextBytes(body);
        return body;
    }

    private CompletableFuture<Exchange> sendLater(String uri, Object body) {
        return context.createProducerTemplate()
                .asyncSend(uri, e -> e.getMessage().setBody(body));
    }

    private SocketView socket(String kind) {
        return sockets().stream()
                .filter(s -> s.settings().kind().name().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @ShowsEffectOf("stream")
    void bodiesOfAllSizesArriveWhole() throws Exception {
        Queue<byte[]> bodies = new ConcurrentLinkedQueue<>();
        String address = serve("&streamCreditBytes=1000000", e -> bodies.add(body(e).readAllBytes()));
        for (int size : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5_000_000}) {
            byte[] body = random(size);
            assertThat(send(dealer(address), new ByteArrayInputStream(body)).getException())
                    .isNull();
            assertThat(bodies.remove()).isEqualTo(body);
        }
    }

    @Test
    void aFileGoesIntoAFile() throws Exception {
        byte[] body = random(3_000_000);
        Path source = Files.write(folder.resolve("source"), body);
        Path target = folder.resolve("target");
        String address = serve("", e -> Files.copy(body(e), target));
        assertThat(send(dealer(address), source.toFile()).getException()).isNull();
        assertThat(target).hasBinaryContent(body);
    }

    @Test
    void theOutBodyOfTheRouteIsTheAnswer() throws Exception {
        String address =
                serve("&exchangePattern=InOut", e -> e.getMessage().setBody(body(e).readAllBytes().length + " octets"));
        assertThat(context.createProducerTemplate().requestBody(dealer(address), random(1_000_000), String.class))
                .isEqualTo("1000000 octets");
    }

    @Test
    @ShowsEffectOf("streamCreditBytes")
    void noMoreIsSentThanThereIsCreditFor() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicLong bytes = new AtomicLong();
        String address = serve("&streamCreditBytes=1048576", e -> {
            go.await();
            bytes.set(body(e).transferTo(OutputStream.nullOutputStream()));
        });
        AtomicLong read = new AtomicLong();
        InputStream source = new ByteArrayInputStream(random(10_000_000)) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                int count = super.read(target, offset, length);
                read.addAndGet(Math.max(0, count));
                return count;
            }
        };
        CompletableFuture<Exchange> sent = sendLater(dealer(address), source);
        await().until(() -> socket("router").counters().get(Counter.RECEIVED_BYTES) > 1_048_576);
        assertThat(socket("dealer").pendingRequests()).isEqualTo(4);
        // One chunk is read ahead, and waits for credit.
        await().until(() -> read.get() == 5 * CHUNK);
        assertThat(sent).isNotDone();
        go.countDown();
        assertThat(sent.get().getException()).isNull();
        assertThat(bytes).hasValue(10_000_000);
    }

    @Test
    void asManyAreReadAtOnceAsMayBeAndTheOthersWait() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Queue<Integer> sizes = new ConcurrentLinkedQueue<>();
        AtomicLong begun = new AtomicLong();
        String address = serve("&concurrentExchanges=2", e -> {
            begun.incrementAndGet();
            go.await();
            sizes.add(body(e).readAllBytes().length);
        });
        List<CompletableFuture<Exchange>> sent = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sent.add(sendLater(dealer(address), random(500_000 + i)));
        }
        await().until(() -> begun.get() == 2);
        // The others have sent no more than that they would like to.
        await().until(() -> socket("dealer").pendingRequests() == 2 * 3 + 3);
        assertThat(begun).hasValue(2);
        go.countDown();
        for (CompletableFuture<Exchange> one : sent) {
            assertThat(one.get().getException()).isNull();
        }
        assertThat(sizes).containsExactlyInAnyOrder(500_000, 500_001, 500_002, 500_003, 500_004);
    }

    @Test
    void aRouteThatFailsFailsTheSenderToo() throws Exception {
        String address = serve("", e -> {
            body(e).readNBytes(300_000);
            throw new IllegalStateException("disk full");
        });
        Exchange failed = send(dealer(address), new ByteArrayInputStream(random(50_000_000)));
        assertThat(failed.getException()).hasMessageContaining("the route of the receiver failed");
        assertThat(failures).contains("disk full");
        // And the next one is taken, as nothing is left of the former.
        assertThat(send(dealer(address), new byte[1]).getException()).hasMessageContaining("receiver failed");
    }

    @Test
    void aRouteMayLeaveTheRestUnread() throws Exception {
        String address = serve("", e -> received.add(e));
        assertThat(send(dealer(address), random(10_000_000)).getException()).isNull();
        assertThat(received).hasSize(1);
    }

    @Test
    void aSenderWhoseSourceFailsFailsTheRouteToo() throws Exception {
        String address = serve("", e -> body(e).readAllBytes());
        InputStream broken = new ByteArrayInputStream(random(2_000_000)) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                int count = super.read(target, offset, length);
                if (available() == 0) {
                    throw new IllegalStateException("broken");
                }
                return count;
            }
        };
        assertThat(send(dealer(address), broken).getException()).hasMessageContaining("broken");
        await().until(() -> failures.contains("the body is not complete: its sender has given up"));
    }

    @Test
    void aReceiverThatIsNotThereIsATimeout() throws Exception {
        assertThat(send(dealer("tcp://127.0.0.1:" + Ports.free()) + "&streamTimeout=200", "x")
                        .getException())
                .isInstanceOf(ExchangeTimedOutException.class);
    }

    @Test
    @ShowsEffectOf("streamTimeout")
    void aRouteThatReadsNothingIsATimeout() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        String address = serve("", e -> go.await());
        assertThat(send(dealer(address) + "&streamTimeout=300", random(10_000_000))
                        .getException())
                .isInstanceOf(ExchangeTimedOutException.class);
        go.countDown();
    }

    @Test
    void aPeerThatTakesNoStreamsSaysSo() throws Exception {
        String rep = consume("zeromq:rep:" + FREE);
        assertThat(send(dealer(rep), "x").getException()).hasMessageContaining("does not take streams");
    }

    @Test
    void aStopWaitsForTheStreamThatIsReadAndRefusesThoseThatWait() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicLong begun = new AtomicLong();
        String address = serve("", e -> {
            begun.incrementAndGet();
            go.await();
            assertThat(body(e).readAllBytes()).hasSize(20_000_000);
        });
        CompletableFuture<Exchange> first = sendLater(dealer(address), random(20_000_000));
        await().until(() -> begun.get() == 1);
        CompletableFuture<Exchange> second = sendLater(dealer(address), random(100));
        await().until(() -> socket("dealer").pendingRequests() == 4_194_304 / CHUNK + 1);
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> {
            try {
                context.getRouteController().stopRoute("in");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(second.get().getException()).hasMessageContaining("the route of the receiver is stopped");
        assertThat(stopped).isNotDone();
        go.countDown();
        stopped.join();
        assertThat(first.get().getException()).isNull();
        context.getRouteController().startRoute("in");
    }

    /** A peer that speaks the protocol by hand, and wrongly. */
    @Test
    void whatIsNotDueFailsTheStreamAndNothingElse() throws Exception {
        String address = serve("&streamCreditBytes=1000&streamTimeout=500&concurrentExchanges=20", e -> {
            received.add(e);
            body(e).readAllBytes();
        });
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket peer = zmq.createSocket(SocketType.DEALER);
            peer.setHandshakeIvl(300);
            peer.setReceiveTimeOut(60_000);
            peer.connect(address);
            say(peer, "junk".getBytes(UTF_8));
            assertThat(ask(peer, 'C', 7, 0, new byte[1])).isEqualTo("F there is no such stream, or it is over");
            ask(peer, 'B', 1, 0);
            assertThat(ask(peer, 'B', 1, 0)).isEqualTo("F there is such a stream already");
            assertThat(ask(peer, 'C', 1, 5, new byte[1]))
                    .isEqualTo("F octets from 5 on came where those from 0 on were due");
            ask(peer, 'B', 2, 0);
            assertThat(ask(peer, 'C', 2, 0, new byte[1_001])).isEqualTo("F more octets came than there was credit for");
            ask(peer, 'B', 3, 0);
            assertThat(ask(peer, 'C', 3, 0, new byte[1_000])).isEqualTo("C ");
            assertThat(ask(peer, 'E', 3, 2_000)).startsWith("F ");
            ask(peer, 'B', 4, 0);
            assertThat(ask(peer, 'F', 4, 0)).isEqualTo("F this is no request");
            await().until(() ->
                    failures.contains("the body is not complete: nothing came any more streamTimeout=500 ms"));
        }
        await().until(() -> received.size() == 4);
        assertThat(send(dealer(address), random(5_000)).getException()).isNull();
    }

    /** The thread that reads and the one that brings the messages both find out that it is wrong. */
    @Test
    void anEndThatIsWrongIsAnsweredOnce() throws Exception {
        String address = serve("&concurrentExchanges=20", e -> body(e).readAllBytes());
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket peer = zmq.createSocket(SocketType.DEALER);
            peer.setHandshakeIvl(300);
            peer.setReceiveTimeOut(60_000);
            peer.connect(address);
            for (int stream = 1; stream <= 300; stream++) {
                assertThat(ask(peer, 'B', stream, 0)).isEqualTo("B ");
                assertThat(ask(peer, 'E', stream, 2_000)).startsWith("F ");
            }
        }
    }

    private static void say(ZMQ.Socket peer, byte[]... frames) {
        peer.sendMore("correlation");
        peer.sendMore("");
        for (int i = 0; i < frames.length; i++) {
            peer.send(frames[i], i < frames.length - 1 ? ZMQ.SNDMORE : 0);
        }
    }

    /** Returns what the answer begins with, and its reason if it has one. */
    private static String ask(ZMQ.Socket peer, char type, long stream, long value, byte[]... data) {
        byte[] command = ByteBuffer.allocate(17)
                .put((byte) type)
                .putLong(stream)
                .putLong(value)
                .array();
        say(peer, data.length == 0 ? new byte[][] {command} : new byte[][] {command, data[0]});
        assertThat(peer.recvStr()).isEqualTo("correlation");
        assertThat(peer.recv()).isEmpty();
        byte[] answer = peer.recv();
        return (char) answer[0] + " " + (peer.hasReceiveMore() ? peer.recvStr() : "");
    }

    @Test
    void aHundredMebibytesPassThroughASmallHeap() throws Exception {
        passThroughASmallHeap(100L << 20, "", "");
    }

    @Test
    void alsoWithCurve() throws Exception {
        CurveFiles keys = CurveFiles.in(folder);
        passThroughASmallHeap(60L << 20, "&" + keys.serverOptions(), "&" + keys.clientOptions());
    }

    private void passThroughASmallHeap(long bytes, String router, String dealer) throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx40m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StreamMain.class.getName(),
                        Long.toString(bytes),
                        router,
                        dealer)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(output)).contains("received=" + bytes + " same=true failed=false");
    }

    @Test
    void withCurveTooNoMoreIsSentThanThereIsCreditFor() throws Exception {
        CurveFiles keys = CurveFiles.in(folder);
        CountDownLatch go = new CountDownLatch(1);
        Queue<byte[]> bodies = new ConcurrentLinkedQueue<>();
        String options = "&streamCreditBytes=1048576&curveBacklogBytes=1048576&" + keys.serverOptions();
        String address = serve(options, e -> {
            go.await();
            bodies.add(body(e).readAllBytes());
        });
        byte[] body = random(10_000_000);
        CompletableFuture<Exchange> sent =
                sendLater(dealer(address) + "&" + keys.clientOptions(), new ByteArrayInputStream(body));
        await().until(() -> socket("router").counters().get(Counter.RECEIVED_BYTES) > 1_048_576);
        assertThat(socket("router").counters().get(Counter.RECEIVED_BYTES)).isLessThan(5 * CHUNK);
        assertThat(socket("dealer").pendingRequests()).isEqualTo(4);
        assertThat(sent).isNotDone();
        go.countDown();
        assertThat(sent.get().getException()).isNull();
        assertThat(bodies.remove()).isEqualTo(body);
        assertThat(socket("router").counters().get(Counter.CONNECTIONS_CUT)).isZero();
    }

    @Test
    void wrongOptionsAreNamed() {
        assertThatThrownBy(() -> consume("zeromq:pull:" + FREE + "?stream=true&batchSize=2&streamTimeout=0"))
                .hasStackTraceContaining("stream is only for [router, dealer]")
                .hasStackTraceContaining("stream=true has no use for batchSize")
                .hasStackTraceContaining("streamTimeout=0 must be from 1");
        assertThatThrownBy(() -> send("zeromq:dealer:tcp://127.0.0.1:1,tcp://127.0.0.1:2?stream=true", "x"))
                .hasStackTraceContaining("stream=true must have one address");
    }
}
