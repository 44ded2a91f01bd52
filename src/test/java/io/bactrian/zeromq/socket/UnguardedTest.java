package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.zeromq.socket.jeromq.JeroMq;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a JeroMQ that does not show its connections the limits of peers do not hold. */
class UnguardedTest {
    private final SocketContext blind = new SocketContext(1, 100, zmq -> JeroMq.blind());
    private final SocketContext seeing = new SocketContext(1, 100);

    @AfterEach
    void close() {
        blind.close();
        seeing.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://*:*", "tcp://0.0.0.0:*"})
    void aSocketThatOthersReachRefusesToOpenUnlessItIsAllowed(String address) throws Exception {
        assertRefused(address);
        assertThat(open(blind, true, address, true)).isNotEmpty();
        assertThat(open(seeing, true, address, false)).isNotEmpty();
    }

    @Test
    void soDoesOneOverIpc(@TempDir Path folder) {
        assertRefused("ipc://" + folder.resolve("socket"));
    }

    private void assertRefused(String address) {
        assertThatThrownBy(() -> open(blind, true, address, false))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(
                        address, "fr.loghub:jeromq:" + JeroMq.VERSION, "127.0.0.1", "allowUnguarded=true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:*", "tcp://localhost:*", "inproc://here"})
    void oneThatOnlyThisMachineReachesOpens(String address) throws Exception {
        assertThat(open(blind, true, address, false)).isNotEmpty();
    }

    @Test
    void oneThatConnectsOpens() throws Exception {
        assertThat(open(blind, false, "tcp://192.0.2.1:5570", false)).isEmpty();
    }

    /** Opens a socket and closes it. Returns the addresses it was bound to. */
    private static List<String> open(SocketContext context, boolean bind, String address, boolean allowUnguarded)
            throws Exception {
        PeerLimits d = PeerLimits.DEFAULT;
        PeerLimits limits = new PeerLimits(
                d.maxConnections(),
                d.maxMessageBytes(),
                d.maxIncompleteBytes(),
                d.maxTopicBytes(),
                d.maxSubscriptionBytes(),
                d.handshakeTimeout(),
                d.allowOldPeers(),
                allowUnguarded);
        ProtocolSocket socket = ProtocolSocket.open(context, settings(bind, address, limits), new Idle());
        try {
            return socket.boundAddresses();
        } finally {
            socket.close();
        }
    }

    private static SocketSettings settings(boolean bind, String address, PeerLimits limits) {
        return new SocketSettings(
                SocketKind.dealer,
                List.of(address),
                "",
                bind,
                List.of(),
                new QueueLimits(10, 10, 0, 1 << 16, 3, 10, 1 << 20),
                ConnectionTimes.DEFAULT,
                PatternOptions.DEFAULT,
                Security.none(),
                limits,
                Tuning.DEFAULT);
    }

    private static final class Idle implements ProtocolSocket.Agent {
        @Override
        public void received(List<byte[]> frames) {
            throw new IllegalStateException("nobody sends");
        }

        @Override
        public long work() {
            return 1_000;
        }

        @Override
        public void connected() {}

        @Override
        public void failed(Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }
}
