package io.bactrian.routes;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** What a hub refuses is counted by cause, and does not fill its log, whatever its peers call themselves. */
class RefusalsTest {
    private static final int PEERS = 200;

    @TempDir
    Path folder;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        hub = new TestHub(folder, TestHub.Dsl.YAML).bean("meters", meters).start();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void aMalformedRequestIsAnsweredUnderItsSessionAndItsNumber() throws Exception {
        try (ZContext zmq = new ZContext()) {
            ZMQ.Socket peer = peer(zmq, "s", hub.subscribePort());
            byte[] wrongKind = new Command.Subscribe(7, 9, 0, PatternKind.TOPIC, StartFrom.OLDEST, 0, "t").encode();
            wrongKind[19] = 5;
            peer.send(wrongKind);
            assertThat(Commands.decode(peer.recv())).isInstanceOfSatisfying(Command.Error.class, error -> {
                assertThat(error.session()).isEqualTo(7);
                assertThat(error.request()).isEqualTo(9);
                assertThat(error.reason()).isEqualTo(Code.MALFORMED);
            });
            peer.send(Arrays.copyOf(new Command.Acknowledge(8, 1, false).encode(), 9));
            assertThat(Commands.decode(peer.recv())).isInstanceOfSatisfying(Command.Error.class, error -> {
                assertThat(error.session()).isEqualTo(8);
                assertThat(error.request()).isZero();
            });
        }
    }

    private static ZMQ.Socket peer(ZContext zmq, String name, int port) {
        ZMQ.Socket peer = zmq.createSocket(SocketType.DEALER);
        peer.setIdentity(name.getBytes(US_ASCII));
        peer.setHandshakeIvl(300);
        peer.setReceiveTimeOut(60_000);
        peer.connect("tcp://127.0.0.1:" + port);
        return peer;
    }

    @Test
    void everyCauseIsAMeterAndAPeerWithManyNamesGetsFewLines() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("io.bactrian.pubsub.routes.BadInput");
        logger.addAppender(log);
        log.start();
        try (ZContext zmq = new ZContext()) {
            for (int i = 0; i < PEERS; i++) {
                ZMQ.Socket peer = peer(zmq, "name-" + i, hub.publishPort());
                peer.send(new Command.Ping("nobody", Long.MAX_VALUE).encode());
                assertThat(peer.recv()).as("each is answered").isNotNull();
                peer.close();
            }
        } finally {
            logger.detachAppender(log);
        }
        await().untilAsserted(() -> assertThat(meters.get("bactrian.hub.refused")
                        .tag("cause", "unknown-publisher")
                        .functionCounter()
                        .count())
                .isEqualTo(PEERS));
        assertThat(meters.get("bactrian.hub.refused")
                        .tag("cause", "malformed")
                        .functionCounter()
                        .count())
                .isZero();
        assertThat(log.list).hasSizeLessThanOrEqualTo(20);
    }
}
