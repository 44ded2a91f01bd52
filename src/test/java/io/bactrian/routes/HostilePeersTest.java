package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import io.bactrian.wire.TopicSequence;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Peers that send nonsense, or never read: each is answered or dropped and counted, and stops nobody else. */
@Tag("system")
class HostilePeersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int RECEIVE_TIMEOUT_MS = 60_000;
    private static final int HANDSHAKE_MS = 300;

    @TempDir
    Path folder;

    private final ZContext context = new ZContext();
    private TestHub hub;

    @BeforeEach
    void prepare() {
        hub = new TestHub(folder, TestHub.Dsl.YAML);
    }

    @AfterEach
    void stop() {
        context.close();
        hub.close();
    }

    private ZMQ.Socket dealer(int port) {
        ZMQ.Socket dealer = context.createSocket(SocketType.DEALER);
        dealer.setReceiveTimeOut(RECEIVE_TIMEOUT_MS);
        // JeroMQ's handshake stalls now and then, and without an interval it is never tried again.
        dealer.setHandshakeIvl(HANDSHAKE_MS);
        dealer.connect("tcp://127.0.0.1:" + port);
        return dealer;
    }

    private static Command answer(ZMQ.Socket dealer) throws Exception {
        byte[] frame = dealer.recv();
        assertThat(frame).as("an answer").isNotNull();
        return Commands.decode(frame);
    }

    private long refused(Code code) {
        return hub.figures().get("refused") instanceof java.util.Map<?, ?> counts
                        && counts.get(code.label()) instanceof Number number
                ? number.longValue()
                : 0;
    }

    private void others() throws Exception {
        try (Bactrian client = hub.client("others")) {
            client.subscribe("good", Start.OLDEST);
            client.put("good", new byte[] {1}).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(client.get(PATIENCE)).isNotNull();
        }
    }

    @Test
    void nonsenseAtBothDoorsIsCountedAndStopsNobody() throws Exception {
        hub.start();
        ZMQ.Socket publish = dealer(hub.publishPort());
        ZMQ.Socket subscribe = dealer(hub.subscribePort());
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            byte[] noise = new byte[1 + random.nextInt(200)];
            random.nextBytes(noise);
            if (i % 2 == 0 && noise.length > 2) {
                noise[0] = (byte) 0xB7;
                noise[1] = 1;
            }
            publish.send(noise);
            subscribe.send(noise);
        }
        publish.sendMore("two");
        publish.send("frames");
        await().atMost(PATIENCE).until(() -> refused(Code.MALFORMED) > 1_000);
        others();
    }

    @Test
    void anotherVersionIsToldWhichOneTheHubSpeaks() throws Exception {
        hub.start();
        for (int port : List.of(hub.publishPort(), hub.subscribePort())) {
            ZMQ.Socket dealer = dealer(port);
            dealer.send(new byte[] {(byte) 0xB7, 9, 1});
            assertThat(((Command.Error) answer(dealer)).reason()).isEqualTo(Code.UNSUPPORTED_VERSION);
        }
    }

    @Test
    void aFlippedBitInABatchIsFound() throws Exception {
        hub.start();
        ZMQ.Socket dealer = dealer(hub.publishPort());
        long epoch = open(dealer, "p", "t");
        byte[] batch = batch("p", "t", epoch, 1);
        byte[] flipped = batch.clone();
        flipped[flipped.length - 1] ^= 1;
        dealer.send(flipped);
        assertThat(((Command.Error) answer(dealer)).reason()).isEqualTo(Code.MALFORMED);
        dealer.send(batch);
        assertThat(((Command.Ack) answer(dealer)).last()).containsExactly(new TopicSequence("t", 1));
    }

    @Test
    void aGapAStaleEpochAndAnUnknownPublisherAreRefusedByName() throws Exception {
        hub.start();
        ZMQ.Socket dealer = dealer(hub.publishPort());
        dealer.send(batch("nobody", "t", 1, 1));
        assertThat(((Command.Refuse) answer(dealer)).reason()).isEqualTo(Code.UNKNOWN_PUBLISHER);
        long first = open(dealer, "p", "t");
        dealer.send(batch("p", "t", first, 5));
        Command.Refuse gap = (Command.Refuse) answer(dealer);
        assertThat(gap.reason()).isEqualTo(Code.GAP);
        assertThat(gap.expected()).isEqualTo(1);
        long second = open(dealer, "p", "t");
        assertThat(second).isGreaterThan(first);
        dealer.send(batch("p", "t", first, 1));
        assertThat(((Command.Refuse) answer(dealer)).reason()).isEqualTo(Code.STALE_EPOCH);
    }

    @Test
    void oneRefusedBatchDoesNotFailTheOthersOfItsExchange() throws Exception {
        hub.set("bactrian.hub.topics.max", "2").start();
        ZMQ.Socket dealer = dealer(hub.publishPort());
        long epoch = open(dealer, "p", "a", "b");
        dealer.send(batch("p", "a", epoch, 1));
        dealer.send(batch("p", "a", epoch, 9));
        dealer.send(batch("p", "b", epoch, 1));
        await().atMost(PATIENCE).until(() -> hub.figure("accepted") == 2);
        assertThat(refused(Code.GAP)).isEqualTo(1);
    }

    @Test
    void tinyTopicsWithoutEndReachTheBoundAndNoMore() throws Exception {
        hub.set("bactrian.hub.topics.max", "1000").start();
        ZMQ.Socket plain = context.createSocket(SocketType.PUB);
        plain.setHWM(0);
        plain.setHandshakeIvl(HANDSHAKE_MS);
        plain.connect("tcp://127.0.0.1:" + hub.plainInPort());
        int[] next = {0};
        await().atMost(PATIENCE).until(() -> {
            for (int i = 0; i < 500; i++) {
                plain.sendMore("tiny/" + next[0]++);
                plain.send("x");
            }
            return refused(Code.TOO_MANY_TOPICS) > 1_000;
        });
        assertThat(hub.figure("topics")).isEqualTo(1_000);
    }

    @Test
    void anAcknowledgementFromTheFutureIsIgnored() throws Exception {
        hub.start();
        ZMQ.Socket dealer = dealer(hub.subscribePort());
        dealer.send(new Command.Attach("s", 1, 0, 0, 0, 1 << 20).encode());
        int session = ((Command.Attached) answer(dealer)).session();
        dealer.send(new Command.Acknowledge(session, 1_000_000, false).encode());
        assertThat(((Command.Error) answer(dealer)).reason()).isEqualTo(Code.FUTURE_CURSOR);
        dealer.send(new Command.Acknowledge(session + 1, 0, false).encode());
        assertThat(((Command.Error) answer(dealer)).reason()).isEqualTo(Code.UNKNOWN_SESSION);
    }

    @Test
    void aPeerThatNeverReadsGetsItsWindowAndHoldsUpNobody() throws Exception {
        hub.start();
        ZMQ.Socket dealer = dealer(hub.subscribePort());
        dealer.send(new Command.Attach("deaf", 1, 0, 0, 0, 10_000).encode());
        int session = ((Command.Attached) answer(dealer)).session();
        dealer.send(new Command.Subscribe(session, 1, 0, PatternKind.PREFIX, StartFrom.OLDEST, 0, "").encode());
        assertThat(answer(dealer)).isInstanceOf(Command.Subscribed.class);
        try (Bactrian client = hub.client("c")) {
            client.subscribe("t", Start.OLDEST);
            for (int i = 0; i < 200; i++) {
                client.put("t", new byte[1_000]).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                Message message = client.get(PATIENCE);
                assertThat(message).isNotNull();
                client.processed(message);
            }
        }
        JsonObject figures = hub.figures();
        assertThat(figures.getLong("delivered")).isBetween(200L, 210L);
    }

    private static long open(ZMQ.Socket dealer, String publisher, String... topics) throws Exception {
        dealer.send(new Command.Hello(publisher, new Random().nextLong() >>> 1).encode());
        long epoch = ((Command.Welcome) answer(dealer)).epoch();
        dealer.send(new Command.Open(
                        publisher,
                        epoch,
                        Arrays.stream(topics).map(t -> new TopicSequence(t, 0)).toList())
                .encode());
        assertThat(answer(dealer)).isInstanceOf(Command.Opened.class);
        return epoch;
    }

    private static byte[] batch(String publisher, String topic, long epoch, long sequence) {
        BatchBuilder builder = new BatchBuilder(publisher, topic, epoch, sequence);
        builder.append("body".getBytes(StandardCharsets.UTF_8));
        Batch batch = builder.build();
        return batch.bytes();
    }
}
