package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Whom the gate holds back, and what opens it. */
class ReceiveGateTest {
    private final ReceiveGate gate = new ReceiveGate(1_000);

    private CompletableFuture<Void> receive(int... sizes) {
        return CompletableFuture.runAsync(() -> {
            for (int size : sizes) {
                gate.pass(size);
            }
        });
    }

    @Test
    void aFrameThatIsLargerThanTheBoundGetsThroughAloneAndTheNextWaits() {
        receive(5_000).join();
        CompletableFuture<Void> next = receive(1);
        await().until(gate::shut);
        assertThat(next).isNotDone();
        gate.emptied();
        next.join();
        assertThat(gate.shut()).isFalse();
    }

    @Test
    void whileTheSocketCannotSendTwiceAsMuchIsLetIn() {
        gate.sending(true);
        receive(500, 500, 500).join();
        CompletableFuture<Void> next = receive(500, 500, 500);
        await().until(gate::overflowing);
        gate.sending(false);
        assertThat(gate.overflowing()).isFalse();
        assertThat(next).isNotDone();
        gate.emptied();
        next.join();
    }

    @Test
    void aReleasedGateStaysOpen() {
        CompletableFuture<Void> blocked = receive(1_000, 1_000, 1_000);
        await().until(gate::shut);
        gate.release();
        blocked.join();
        receive(1_000, 1_000, 1_000).join();
    }
}
