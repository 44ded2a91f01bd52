package io.bactrian.support.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SerialStepTest {
    private static final int THREADS = 4;
    private static final int EACH = 20_000;

    @Test
    void whatWasAskedForIsDoneOnceMoreAndNeverTwiceAtATime() throws Exception {
        AtomicInteger wanted = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        SerialStep step = new SerialStep(() -> {
            if (inside.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            seen.set(wanted.get());
            inside.decrementAndGet();
        });
        CountDownLatch begin = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> {
                try {
                    begin.await(60, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                for (int n = 0; n < EACH; n++) {
                    wanted.incrementAndGet();
                    step.run();
                }
            });
            threads.add(thread);
            thread.start();
        }
        begin.countDown();
        for (Thread thread : threads) {
            thread.join(60_000);
        }
        assertThat(seen.get()).as("the last step saw all").isEqualTo(THREADS * EACH);
        assertThat(overlaps.get()).isZero();
    }

    @Test
    void askingWithinTheStepHasItDoneOnceMore() {
        AtomicInteger done = new AtomicInteger();
        Runnable[] again = new Runnable[1];
        SerialStep step = new SerialStep(() -> {
            if (done.incrementAndGet() < 3) {
                again[0].run();
            }
        });
        again[0] = step;
        step.run();
        assertThat(done.get()).isEqualTo(3);
    }

    @Test
    void aStepThatFailsIsDoneAgainWhenItIsAskedForAgain() {
        AtomicInteger done = new AtomicInteger();
        SerialStep step = new SerialStep(() -> {
            if (done.incrementAndGet() == 1) {
                throw new IllegalStateException("not now");
            }
        });
        assertThatThrownBy(step::run).hasMessage("not now");
        step.run();
        assertThat(done.get()).isEqualTo(2);
    }
}
