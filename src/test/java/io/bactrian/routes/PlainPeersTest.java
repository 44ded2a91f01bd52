package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Acceptance;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Tools;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers of libzmq that know nothing of us, at the doors of the hub. */
@Tag("system")
class PlainPeersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Sends the same three messages until it is ended: plain, multipart, reserved. */
    private static final String PUB = """
            import sys, time, zmq
            s = zmq.Context().socket(zmq.PUB)
            s.connect('tcp://127.0.0.1:' + sys.argv[1])
            while True:
                s.send_multipart([b'plain/one', b'body'])
                s.send_multipart([b'plain/many', b'a', b'b', b''])
                s.send_multipart([b'plain*', b'star'])
                s.send_multipart([b'$reserved', b'no'])
                s.send(b'no body frame')
                time.sleep(0.02)
            """;

    /** Sends bursts of messages that are numbered over seven topics; every fifth has two frames of body. */
    private static final String BURSTS = """
            import sys, time, zmq
            s = zmq.Context().socket(zmq.PUB)
            s.sndhwm = 100000
            s.connect('tcp://127.0.0.1:' + sys.argv[1])
            n = 0
            while True:
                for i in range(1000):
                    body = [b'%d' % n, b'more'] if n % 5 == 0 else [b'%d' % n]
                    s.send_multipart([b'burst/%d' % (n % 7)] + body)
                    n += 1
                time.sleep(0.01)
            """;

    /** Prints the frames of what it gets in hex. */
    private static final String SUB = """
            import sys, zmq
            s = zmq.Context().socket(zmq.SUB)
            s.connect('tcp://127.0.0.1:' + sys.argv[1])
            s.setsockopt(zmq.SUBSCRIBE, sys.argv[2].encode())
            while True:
                print(' '.join(f.hex() for f in s.recv_multipart()), flush=True)
            """;

    @TempDir
    Path folder;

    private TestHub hub;
    private Process peer;

    @BeforeEach
    void start() throws Exception {
        Tools.pythonWithZmq();
        hub = new TestHub(folder, TestHub.Dsl.YAML).start();
    }

    @AfterEach
    void stop() {
        if (peer != null) {
            peer.destroyForcibly();
        }
        hub.close();
    }

    @Test
    void whatAPlainPubSendsReachesADurableSubscriber() throws Exception {
        try (Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("plain/*", Start.OLDEST);
            peer = Tools.python(PUB, String.valueOf(hub.plainInPort()));
            boolean one = false;
            boolean many = false;
            while (!one || !many) {
                Message message = subscriber.get(PATIENCE);
                assertThat(message).isNotNull();
                if (message.topic().equals("plain/one")) {
                    assertThat(message.body()).asString(StandardCharsets.UTF_8).isEqualTo("body");
                    one = true;
                } else {
                    assertThat(message.topic()).isEqualTo("plain/many");
                    assertThat(message.parts()).containsExactly(new byte[] {'a'}, new byte[] {'b'}, new byte[0]);
                    many = true;
                }
            }
            await().atMost(PATIENCE)
                    .until(() -> hub.figures().toJson().contains("reserved-topic")
                            && hub.figures().toJson().contains("plain-without-body"));
        }
    }

    @Test
    void aTopicThatEndsInAnAsteriskIsSubscribedAlone() throws Exception {
        try (Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("plain\\*", Start.OLDEST);
            peer = Tools.python(PUB, String.valueOf(hub.plainInPort()));
            for (int i = 0; i < 3; i++) {
                Message message = subscriber.get(PATIENCE);
                assertThat(message).isNotNull();
                assertThat(message.topic()).isEqualTo("plain*");
            }
        }
    }

    @Test
    void whatOnePubSendsStaysInItsOrderAcrossTopics() throws Exception {
        try (Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("burst/*", Start.OLDEST);
            peer = Tools.python(BURSTS, String.valueOf(hub.plainInPort()));
            long former = -1;
            boolean multipart = false;
            for (int i = 0; i < 6_000; i++) {
                Message message = subscriber.get(PATIENCE);
                assertThat(message).isNotNull();
                long number = Long.parseLong(new String(message.parts().get(0), StandardCharsets.UTF_8));
                assertThat(number).as("after " + former).isGreaterThan(former);
                assertThat(message.topic()).isEqualTo("burst/" + number % 7);
                assertThat(message.parts()).hasSize(number % 5 == 0 ? 2 : 1);
                assertThat(message.multipart()).isEqualTo(number % 5 == 0);
                former = number;
            }
        }
    }

    @Test
    void aPlainSubGetsTheMessagesOfABatchOneByOne() throws Exception {
        peer = Tools.python(SUB, String.valueOf(hub.plainOutPort()), "room/");
        try (Bactrian publisher = hub.client("p");
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8))) {
            await().atMost(PATIENCE).until(() -> {
                publisher.put("other", new byte[] {0}).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                publisher.put("room/1", new byte[] {1}).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                return lines.ready();
            });
            for (int i = 0; i < 100; i++) {
                publisher.put("room/2", new byte[] {(byte) i});
            }
            String line = lines.readLine();
            while (line.equals(hex("room/1") + " 01")) {
                line = lines.readLine();
            }
            for (int i = 0; i < 100; i++) {
                assertThat(line).isEqualTo(hex("room/2") + String.format(" %02x", i));
                line = i < 99 ? lines.readLine() : line;
            }
            assertThat(hub.figure("plainOut")).isGreaterThanOrEqualTo(101);
        }
    }

    @Test
    void aPlainSubGetsTheBodyAlone() throws Exception {
        peer = Tools.python(SUB, String.valueOf(hub.plainOutPort()), "room/");
        try (Bactrian publisher = hub.client("p");
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8))) {
            Map<String, String> headers = Map.of("Content-Type", "text/plain");
            await().atMost(PATIENCE).until(() -> {
                publisher.put("room/1", headers, new byte[] {1}).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                return lines.ready();
            });
            publisher.publisher().put("room/2", headers, List.of(new byte[] {2}, new byte[0]), Acceptance.HUB);
            String line = lines.readLine();
            while (line.equals(hex("room/1") + " 01")) {
                line = lines.readLine();
            }
            assertThat(line).isEqualTo(hex("room/2") + " 02 ");
        }
    }

    private static String hex(String text) {
        return java.util.HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}
