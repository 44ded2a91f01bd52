package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SlowPeersTest {
    private static final byte[] PEER = {1};

    private long nanos;
    private final SlowPeers slow = new SlowPeers(() -> nanos);

    private void passMs(long ms) {
        nanos += TimeUnit.MILLISECONDS.toNanos(ms);
    }

    @Test
    void aPeerThatLeavesIsNoReasonToWarn() {
        assertThat(slow.full(PEER)).isFalse();
        passMs(900);
        assertThat(slow.full(PEER)).isFalse();
        slow.left(PEER);
        assertThat(slow.isEmpty()).isTrue();
        passMs(900);
        assertThat(slow.full(PEER)).as("another one of that id").isFalse();
    }

    @Test
    void aPeerThatTakesNothingForLongIs() {
        assertThat(slow.full(PEER)).isFalse();
        passMs(1_001);
        assertThat(slow.full(new byte[] {2})).as("another peer").isFalse();
        assertThat(slow.full(PEER.clone())).isTrue();
    }

    @Test
    void aPeerThatTakesMessagesAgainIsOnce() {
        assertThat(slow.full(PEER)).isFalse();
        assertThat(slow.took(new byte[] {2})).as("another peer").isFalse();
        assertThat(slow.took(PEER.clone())).isTrue();
        assertThat(slow.took(PEER)).isFalse();
        assertThat(slow.isEmpty()).isTrue();
    }

    @Test
    void remembersABoundedNumber() {
        for (int i = 0; i < 2_000; i++) {
            assertThat(slow.full(new byte[] {(byte) i, (byte) (i >> 8)})).isFalse();
        }
        assertThat(slow.took(new byte[] {0, 0})).as("the oldest").isFalse();
        assertThat(slow.took(new byte[] {(byte) 1_999, (byte) (1_999 >> 8)})).isTrue();
    }
}
