package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.support.thread.NamedThreads;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/** What ZeroMQ waits for by the wall clock comes when it is due also if that is set back. */
class ClockSetBackTest {
    private static final int HANDSHAKE_MS = 600_000;
    /** What is left of that in the test; it may take so long, and ten seconds more, from a connection to the step. */
    private static final int LEFT_MS = 5_000;

    private static final int PATIENCE_MS = 60_000;

    private final AtomicLong wallOffsetMs = new AtomicLong();
    private final ConnectionSweeper watch =
            new ConnectionSweeper(() -> System.currentTimeMillis() + wallOffsetMs.get(), NamedThreads.PLAIN);

    @Test
    void aTimerIsDueEarlierByWhatTheClockWasSetBack() throws Exception {
        try (SocketContext shared = new SocketContext(2, 10, null, watch);
                SocketContext dedicated = shared.dedicated();
                ZMQ.Socket one = impatient(shared);
                ZMQ.Socket other = impatient(dedicated);
                Socket toOne = greeted(one);
                Socket toOther = greeted(other)) {
            wallOffsetMs.addAndGet(LEFT_MS - HANDSHAKE_MS);
            for (Socket silent : new Socket[] {toOne, toOther}) {
                assertThat(silent.getInputStream().readAllBytes())
                        .as("the rest of the greeting, and an end")
                        .isNotEmpty();
            }
        }
    }

    /** A socket that will not wait for ever for a peer that says nothing. */
    private static ZMQ.Socket impatient(SocketContext context) throws IOException {
        ZMQ.Socket socket = context.open(SocketType.PULL);
        socket.setHandshakeIvl(HANDSHAKE_MS);
        socket.bind("tcp://127.0.0.1:*");
        return socket;
    }

    /** A peer that says nothing, and was greeted: then the timer is set. */
    private static Socket greeted(ZMQ.Socket socket) throws IOException {
        URI address = URI.create(socket.getLastEndpoint());
        Socket silent = new Socket(address.getHost(), address.getPort());
        silent.setSoTimeout(PATIENCE_MS);
        assertThat(silent.getInputStream().read()).isEqualTo(0xFF);
        return silent;
    }
}
