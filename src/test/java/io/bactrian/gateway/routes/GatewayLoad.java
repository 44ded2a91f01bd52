package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Producers and consumers that go on while parts of the gateway are killed. A request that a balancer does not answer goes to the
 * other balancer. A heartbeat or a read that a worker does not answer begins anew once, at once, with a balancer. What
 * fails twice is a problem. Every heartbeat holds a number that counts up, so an answer is stale
 * if it holds a lower one than was accepted before the question, and wrong if it holds one that was not posted.
 */
final class GatewayLoad implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_MS = 20;

    private final List<String> balancers;
    private final HttpCalls http = new HttpCalls();
    private final ExecutorService clients = Executors.newCachedThreadPool();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
    private final Map<Integer, AtomicLong> posted = new ConcurrentHashMap<>();
    private final Map<Integer, AtomicLong> accepted = new ConcurrentHashMap<>();
    private final Map<Integer, AtomicLong> reads = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> turn = new ConcurrentHashMap<>();
    private final AtomicLong retries = new AtomicLong();

    private GatewayLoad(List<String> balancers) {
        this.balancers = List.copyOf(balancers);
    }

    /** Starts as many producers and consumers; when this returns all of them have got through. */
    static GatewayLoad start(List<String> balancers, int producers) {
        GatewayLoad load = new GatewayLoad(balancers);
        for (int id = 1; id <= producers; id++) {
            int each = id;
            load.posted.put(id, new AtomicLong());
            load.accepted.put(id, new AtomicLong());
            load.reads.put(id, new AtomicLong());
            load.clients.execute(() -> load.produce(each));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(load.accepted.values()).allMatch(number -> number.get() > 3));
        for (int id = 1; id <= producers; id++) {
            int each = id;
            load.clients.execute(() -> load.consume(each));
        }
        load.awaitProgress();
        return load;
    }

    /** Waits until each producer has posted and each consumer has read some more, without a problem. */
    void awaitProgress() {
        Map<Integer, Long> acceptedBefore = copy(accepted);
        Map<Integer, Long> readsBefore = copy(reads);
        await().atMost(PATIENCE).failFast(() -> assertThat(problems).isEmpty()).untilAsserted(() -> {
            assertGrown(accepted, acceptedBefore);
            assertGrown(reads, readsBefore);
        });
    }

    private static Map<Integer, Long> copy(Map<Integer, AtomicLong> numbers) {
        Map<Integer, Long> copy = new ConcurrentHashMap<>();
        numbers.forEach((id, number) -> copy.put(id, number.get()));
        return copy;
    }

    private static void assertGrown(Map<Integer, AtomicLong> numbers, Map<Integer, Long> before) {
        assertThat(numbers).allSatisfy((id, number) -> assertThat(number.get()).isGreaterThan(before.get(id) + 5));
    }

    /** Ends the load. Everything that went wrong fails the test, and so does a load that no kill has hurt. */
    void assertNothingWrong() throws InterruptedException {
        stopping.set(true);
        clients.shutdown();
        assertThat(clients.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(problems).isEmpty();
        assertThat(retries.get()).as("requests that a kill has hurt").isPositive();
    }

    @Override
    public void close() {
        stopping.set(true);
        clients.shutdownNow();
    }

    private void produce(int id) {
        String worker = "";
        for (long number = 1; !stopping.get(); number++) {
            posted.get(id).set(number);
            for (int attempt = 0; attempt < 2; attempt++) {
                try {
                    worker = worker.isEmpty() ? ask(id, "/register/", 200).body() : worker;
                    String answer = http.heartbeat(worker, id, "lab", Long.toString(number));
                    if (answer.startsWith("200")) {
                        accepted.get(id).set(number);
                        break;
                    }
                    failed(attempt, "producer " + id + " at " + worker + ": " + answer);
                } catch (IOException e) {
                    failed(attempt, "producer " + id + " at " + worker + ": " + e);
                } catch (InterruptedException e) {
                    return;
                }
                worker = "";
            }
            pause(PAUSE_MS);
        }
    }

    private void consume(int id) {
        while (!stopping.get()) {
            long before = accepted.get(id).get();
            for (int attempt = 0; attempt < 2; attempt++) {
                String at = "";
                try {
                    at = ask(id, "/get_data/", 302)
                            .headers()
                            .firstValue("Location")
                            .orElseThrow();
                    String data = HttpCalls.data(http.get(at));
                    if (data.matches("\\d{1,18}")) {
                        check(id, Long.parseLong(data), before);
                        reads.get(id).incrementAndGet();
                        break;
                    }
                    failed(attempt, "consumer " + id + " at " + at + ": " + data);
                } catch (IOException e) {
                    failed(attempt, "consumer " + id + " at " + at + ": " + e);
                } catch (InterruptedException e) {
                    return;
                }
            }
            pause(PAUSE_MS);
        }
    }

    /** Asks a balancer, and the other one if that does not answer or cannot help. */
    private HttpResponse<String> ask(int id, String path, int status) throws IOException, InterruptedException {
        int first = turn.getOrDefault(id, id);
        for (int attempt = 0; ; attempt++) {
            String balancer = balancers.get((first + attempt) % balancers.size());
            try {
                HttpResponse<String> answer = http.get(balancer + path + id);
                if (answer.statusCode() == status) {
                    turn.put(id, first + attempt);
                    return answer;
                }
                if (attempt == 1) {
                    throw new IOException(balancer + " answers " + answer.statusCode() + " " + answer.body());
                }
            } catch (IOException e) {
                if (attempt == 1) {
                    throw new IOException(balancer + path + id + ": " + e, e);
                }
            }
            retries.incrementAndGet();
        }
    }

    private void check(int id, long number, long before) {
        if (number < before) {
            problems.add("stale: " + Instant.now() + " producer " + id + " " + number + " but " + before
                    + " was accepted before");
        }
        if (number > posted.get(id).get()) {
            problems.add("wrong: " + Instant.now() + " producer " + id + " has never posted " + number);
        }
    }

    private void failed(int attempt, String what) {
        if (stopping.get()) {
            return;
        }
        if (attempt == 0) {
            retries.incrementAndGet();
        } else {
            problems.add("failed twice: " + Instant.now() + " " + what);
        }
    }

    private static void pause(long ms) {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
