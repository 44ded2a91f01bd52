package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    private static final int SENDERS = 4;
    private static final int EACH = 50_000;
    private static final long PATIENCE_MS = 60_000;

    private record Item(int sender, int number) {}

    @Test
    void itTakesAsManyAsItsCapacityAndOneMoreForEachThatLeaves() {
        // 5 is no power of two, as the ring behind it is.
        SendQueue<Integer> queue = new SendQueue<>(5);
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 5; i++) {
                assertThat(queue.offer(i)).isTrue();
            }
            assertThat(queue.offer(5)).isFalse();
            assertThat(queue.poll()).isZero();
            assertThat(queue.offer(5)).isTrue();
            assertThat(queue.offer(6)).isFalse();
            for (int i = 1; i <= 5; i++) {
                assertThat(queue.poll()).isEqualTo(i);
            }
            assertThat(queue.poll()).isNull();
            assertThat(queue.isEmpty()).isTrue();
        }
    }

    @Test
    void manySendersLoseNothingAndEachKeepsItsOrder() throws Exception {
        SendQueue<Item> queue = new SendQueue<>(7);
        ExecutorService threads = Executors.newFixedThreadPool(SENDERS);
        try {
            List<Future<Boolean>> senders = new ArrayList<>();
            for (int s = 0; s < SENDERS; s++) {
                int sender = s;
                senders.add(threads.submit(() -> {
                    boolean all = true;
                    for (int i = 0; i < EACH && all; i++) {
                        all = queue.offer(new Item(sender, i), PATIENCE_MS);
                    }
                    return all;
                }));
            }
            int[] next = new int[SENDERS];
            int taken = 0;
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
            while (taken < SENDERS * EACH && System.nanoTime() - deadline < 0) {
                Item item = queue.poll();
                if (item == null) {
                    Spin.yieldOnce();
                } else {
                    assertThat(item.number()).isEqualTo(next[item.sender()]++);
                    taken++;
                    assertThat(queue.size()).isLessThanOrEqualTo(7);
                }
            }
            assertThat(taken).isEqualTo(SENDERS * EACH);
            for (Future<Boolean> sender : senders) {
                assertThat(sender.get(PATIENCE_MS, TimeUnit.MILLISECONDS)).isTrue();
            }
            assertThat(queue.poll()).isNull();
        } finally {
            threads.shutdownNow();
        }
    }
}
