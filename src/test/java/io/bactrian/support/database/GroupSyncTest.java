package io.bactrian.support.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class GroupSyncTest {
    private final GroupSync group = new GroupSync();
    private final AtomicInteger syncs = new AtomicInteger();
    private final CountDownLatch firstRuns = new CountDownLatch(1);
    private final CountDownLatch firstMayEnd = new CountDownLatch(1);
    private final List<Thread> waiting = new ArrayList<>();

    private CompletableFuture<Void> ask(Runnable sync) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                group.run(sync);
                answer.complete(null);
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        waiting.add(thread);
        return answer;
    }

    /** The first sync runs, and others wait for the next. */
    private List<CompletableFuture<Void>> askWhileOneRuns(Runnable sync) throws InterruptedException {
        CompletableFuture<Void> first = ask(() -> {
            syncs.incrementAndGet();
            firstRuns.countDown();
            try {
                firstMayEnd.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        firstRuns.await();
        List<CompletableFuture<Void>> others = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            others.add(ask(sync));
        }
        Awaitility.await()
                .until(() -> waiting.stream().skip(1).allMatch(thread -> thread.getState() == Thread.State.WAITING));
        assertThat(others).noneMatch(CompletableFuture::isDone);
        firstMayEnd.countDown();
        first.join();
        return others;
    }

    @Test
    void whoAsksWhileASyncRunsIsServedByTheNextTogetherWithTheOthers() throws Exception {
        List<CompletableFuture<Void>> others = askWhileOneRuns(syncs::incrementAndGet);
        for (CompletableFuture<Void> other : others) {
            other.get();
        }
        assertThat(syncs).hasValue(2);
        group.run(syncs::incrementAndGet);
        assertThat(syncs).hasValue(3);
    }

    @Test
    void aSyncThatFailsFailsForAllWhoWaitedForIt() throws Exception {
        List<CompletableFuture<Void>> others = askWhileOneRuns(() -> {
            syncs.incrementAndGet();
            throw new StoreException("full", new IllegalStateException());
        });
        for (CompletableFuture<Void> other : others) {
            assertThatThrownBy(other::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(StoreException.class);
        }
        assertThat(syncs).hasValue(2);
        group.run(syncs::incrementAndGet);
        assertThat(syncs).as("it works again").hasValue(3);
    }
}
