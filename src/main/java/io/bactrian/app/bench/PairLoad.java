package io.bactrian.app.bench;

import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Publisher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A publisher of the benchmark of pairs: as fast as it can, one at a time, or steadily in the background. */
final class PairLoad implements AutoCloseable {
    private static final String TOPIC = "bench";
    private static final Duration WAIT = Duration.ofSeconds(60);
    /** Until the compilers of three processes are through. */
    private static final Duration WARM_UP = Duration.ofSeconds(40);

    private static final int OUTSTANDING = 64;
    /** Many a kill's worth at the steady rate. */
    private static final int TIMELINE = 4_000_000;

    private final Publisher publisher;
    private final AckTimeline timeline = new AckTimeline(TIMELINE);
    private volatile boolean ended;
    private final Semaphore room = new Semaphore(OUTSTANDING, true);
    private volatile @Nullable Throwable failed;
    private volatile Thread background = new Thread(() -> {});

    PairLoad(String host, Path data, String id) {
        publisher = Publisher.open(
                ClientSettings.builder(id).host(host).data(data).blockTime(WAIT).build());
    }

    /** Whether something was acknowledged after a moment; throws if a message was not accepted. */
    boolean acknowledgedAfter(long nanos) throws IOException {
        Throwable failure = failed;
        if (failure != null) {
            throw new IOException("a message was not accepted: " + failure, failure);
        }
        return timeline.latest() > nanos;
    }

    AckTimeline timeline() {
        return timeline;
    }

    /** Warms up all that takes part, with streams of some messages. */
    void warmUp(int size, long messages) throws IOException {
        for (long startNs = System.nanoTime(); System.nanoTime() - startNs < WARM_UP.toNanos(); ) {
            put(size, messages);
        }
    }

    /** Messages a second that are accepted. */
    double rate(int size, long messages) throws IOException {
        long startNs = System.nanoTime();
        put(size, messages);
        return messages * 1e9 / (System.nanoTime() - startNs);
    }

    private void put(int size, long messages) throws IOException {
        byte[] body = new byte[size];
        CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        for (long i = 0; i < messages; i++) {
            last = publisher.put(TOPIC, body);
        }
        get(last);
    }

    private static void get(CompletableFuture<?> accepted) throws IOException {
        try {
            accepted.get(WAIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("not accepted: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** From put to accepted, one message after the other, when all that takes part has been warmed up. */
    Latencies oneAtATime(int size, int messages) throws IOException {
        Latencies latencies = new Latencies(messages);
        byte[] body = new byte[size];
        for (long startNs = System.nanoTime(); System.nanoTime() - startNs < WARM_UP.toNanos(); ) {
            get(publisher.put(TOPIC, body));
        }
        for (int i = 0; i < messages; i++) {
            long startNs = System.nanoTime();
            get(publisher.put(TOPIC, body));
            latencies.add(System.nanoTime() - startNs);
        }
        return latencies;
    }

    /** Begins to put in the background, with {@value #OUTSTANDING} messages under way, and notes each acknowledgement. */
    void begin(int size) {
        Thread thread = new Thread(() -> run(size), "bench-load");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((one, failure) -> failed = failure);
        background = thread;
        thread.start();
    }

    /** Holds the background's load, so that a process which starts has the processors; what is under way is acknowledged. */
    void pause() {
        room.acquireUninterruptibly(OUTSTANDING);
    }

    /** Goes on with it. */
    void resume() {
        room.release(OUTSTANDING);
    }

    private void run(int size) {
        byte[] body = new byte[size];
        CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        while (!ended) {
            room.acquireUninterruptibly();
            last = publisher.put(TOPIC, body).whenComplete((accepted, failure) -> {
                if (failure == null) {
                    timeline.add(System.nanoTime());
                } else {
                    failed = failure;
                }
                room.release();
            });
        }
        last.handle((accepted, failure) -> failure).join();
    }

    @Override
    public void close() {
        ended = true;
        try {
            background.join(WAIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        publisher.close();
    }
}
