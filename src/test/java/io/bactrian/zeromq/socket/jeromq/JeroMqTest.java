package io.bactrian.zeromq.socket.jeromq;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

class JeroMqTest {
    /** As JeroMQ's class for older versions of Java is, which a jar without Multi-Release has. */
    private static final class TcpInPlaceOfIpc {
        @SuppressWarnings("unused")
        private final InetSocketAddress address = new InetSocketAddress(0);
    }

    @Test
    void aJarWithoutItsMultiReleaseClassesIsSeen() {
        assertThat(JeroMq.opensUnixSockets(TcpInPlaceOfIpc.class)).isFalse();
        assertThat(JeroMq.hasUnixSockets()).isTrue();
    }

    /** Fails with a JeroMQ that has other fields: then look at each intrusion, and change {@link JeroMq#VERSION}. */
    @Test
    void theJeroMqOfTheBuildIsTheOneThatIsKnownHere() throws Exception {
        try (ZMQ.Context context = ZMQ.context(1);
                ZMQ.Socket socket = context.socket(SocketType.PULL);
                SocketChannel unknown = SocketChannel.open()) {
            assertThat(socket.base()).isNotNull();
            JeroMq jeroMq = JeroMq.of(context);
            assertThat(jeroMq.isBlind()).isFalse();
            assertThat(jeroMq.state(unknown)).isEqualTo(ConnectionState.UNKNOWN);
            String manifestOf = ZMQ.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toString();
            assertThat(manifestOf).contains("jeromq-" + JeroMq.VERSION);
        }
    }
}
