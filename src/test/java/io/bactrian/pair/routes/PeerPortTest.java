package io.bactrian.pair.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Ports;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether anybody listens at the port of a peer, whatever its host is called. */
class PeerPortTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]"})
    void aPortAtWhichNobodyListensRefuses(String host) {
        assertThat(Pair.isRefused("tcp://" + host + ":" + Ports.free())).isTrue();
    }

    @Test
    void aPortAtWhichSomebodyListensDoesNot() throws Exception {
        try (ServerSocket open = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(Pair.isRefused("tcp://127.0.0.1:" + open.getLocalPort())).isFalse();
        }
    }

    @Test
    void aNameThatIsNotKnownIsNoRefusalAlsoIfItHasAnUnderscore() {
        assertThat(Pair.isRefused("tcp://hub_b.invalid:5006")).isFalse();
    }
}
