package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Peers that are slow to greet, each time: with a fixed interval there would never be a connection. */
class SlowGreetingTest extends ZeroMqTest {
    private static final int INTERVAL_MS = 100;
    private static final int SLOW_MS = 700;
    private static final int PATIENCE_MS = 120_000;
    private static final int TRIES = 30;

    @Test
    void aPeerThatConnectsAndIsSlowIsWaitedFor() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?handshakeInterval=" + INTERVAL_MS);
        boolean done = false;
        for (int i = 0; !done && i < TRIES; i++) {
            done = greetsSlowly(RawPeer.connect(address));
        }
        assertThat(done).isTrue();
    }

    @Test
    void aPeerThatIsConnectedToAndIsSlowIsWaitedFor() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(PATIENCE_MS);
            consume("zeromq:pull:tcp://127.0.0.1:" + server.getLocalPort() + "?bind=false&reconnectInterval=20"
                    + "&handshakeInterval=" + INTERVAL_MS);
            boolean done = false;
            for (int i = 0; !done && i < TRIES; i++) {
                done = greetsSlowly(RawPeer.of(server.accept()));
            }
            assertThat(done).isTrue();
        }
    }

    /** Whether the other side was still there. */
    private static boolean greetsSlowly(RawPeer peer) throws Exception {
        try (peer) {
            TimeUnit.MILLISECONDS.sleep(SLOW_MS);
            peer.greet().ready("PUSH", "").readGreeting().readFrame();
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
