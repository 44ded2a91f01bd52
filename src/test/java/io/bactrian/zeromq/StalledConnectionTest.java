package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Ports;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.zeromq.ZMonitor;

/** A connection that comes at the moment at which JeroMQ forgets to wait on it: half of them, by the order of a hash set. */
@Tag("slow")
class StalledConnectionTest extends ZeroMqTest {
    private static final int PATIENCE_MS = 60_000;
    private static final int SIGNATURE_BYTES = 10;
    private static final int RECONNECT_MS = 20;

    @RepeatedTest(8)
    void aPeerIsGreetedThoughItsConnectionAndACommandComeAtOnce() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        String gate = consume("zeromq:pull:" + FREE + "?handshakeInterval=0");
        IoThreads.hook(context.getComponent("zeromq", ZeroMqComponent.class), gate, event -> {
            if (event.getEvent() == ZMonitor.Event.DISCONNECTED) {
                held.countDown();
                awaitQuietly(released);
            }
        });
        int port = Ports.free();
        consume("zeromq:pull:tcp://127.0.0.1:" + port + "?bind=false&handshakeInterval=0&reconnectInterval="
                + RECONNECT_MS);
        RawPeer.connect(gate).close();
        try {
            assertThat(held.await(PATIENCE_MS, TimeUnit.MILLISECONDS)).isTrue();
            try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                server.setSoTimeout(PATIENCE_MS);
                // By then it is time to connect again, and to a server on this machine that takes no time.
                TimeUnit.MILLISECONDS.sleep(3 * RECONNECT_MS);
                consume("zeromq:pull:" + FREE + "?socketName=commands");
                released.countDown();
                try (Socket peer = server.accept()) {
                    peer.setSoTimeout(PATIENCE_MS);
                    assertThat(peer.getInputStream().readNBytes(SIGNATURE_BYTES))
                            .as("the signature of ZMTP")
                            .startsWith(0xff)
                            .endsWith(0x7f);
                }
            }
        } finally {
            released.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(PATIENCE_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
