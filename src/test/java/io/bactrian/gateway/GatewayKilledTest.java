package io.bactrian.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two balancers and two workers as processes under load, one after the other killed with kill -9. Each client retries a failed
 * request once, after some seconds, at the other balancer. Every heartbeat holds a number that counts up, so an answer is stale
 * if it holds a lower one than was accepted before the question.
 */
@Tag("campaign")
class GatewayKilledTest {
    private static final int PRODUCERS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long RETRY_MS = 4_000;
    private static final long PAUSE_MS = 20;

    @TempDir
    Path folder;

    private final List<GatewayProcess> processes = new ArrayList<>();
    private final HttpCalls http = new HttpCalls();
    private final ExecutorService clients = Executors.newCachedThreadPool();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
    private final Map<Integer, AtomicLong> accepted = new ConcurrentHashMap<>();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private List<String> balancers;

    @BeforeEach
    void start() throws IOException {
        int one = Ports.free();
        int two = Ports.free();
        balancers = List.of("http://127.0.0.1:" + one, "http://127.0.0.1:" + two);
        run("balancer", one, "--peers", balancers.get(1));
        run("balancer", two, "--peers", balancers.get(0));
        runWorker(Ports.free());
        runWorker(Ports.free());
        processes.forEach(GatewayProcess::awaitListening);
        awaitWorkers(balancers, 2);
    }

    /** Balancers give out so many workers. */
    private void awaitWorkers(List<String> of, int count) {
        for (String balancer : of) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                Set<String> workers = new HashSet<>();
                for (int i = 0; i < 2 * count; i++) {
                    workers.add(http.answer(balancer + "/register/900"));
                }
                assertThat(workers).hasSize(count).allMatch(answer -> answer.startsWith("200 http"));
            });
        }
    }

    private GatewayProcess run(String role, int port, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        // Other processes may have most of this machine.
        all.addAll(List.of("--set", "bactrian.gateway.balancer.probe.timeout=1500ms"));
        all.addAll(List.of("--set", "bactrian.gateway.balancer.lease=2500ms"));
        GatewayProcess process = GatewayProcess.start(folder, role, port, all.toArray(String[]::new));
        processes.add(process);
        return process;
    }

    private GatewayProcess runWorker(int port) throws IOException {
        return run("worker", port, "--balancers", String.join(",", balancers), "--flush", "always");
    }

    @AfterEach
    void stop() {
        stopping.set(true);
        clients.shutdownNow();
        processes.forEach(GatewayProcess::close);
        if (!problems.isEmpty()) {
            processes.forEach(process -> System.err.println(process.log()));
        }
    }

    @Test
    void noAnswerIsStaleAndNoRequestThatIsRetriedOnceFails() throws Exception {
        for (int id = 1; id <= PRODUCERS; id++) {
            int each = id;
            accepted.put(id, new AtomicLong());
            clients.execute(() -> produce(each));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(accepted.values()).allMatch(number -> number.get() > 3));
        for (int id = 1; id <= PRODUCERS; id++) {
            int each = id;
            clients.execute(() -> consume(each));
        }
        awaitProgress();
        // The first worker also serves the database file to the second.
        processes.get(2).kill();
        awaitProgress();
        runWorker(processes.get(2).port());
        awaitWorkers(balancers, 2);
        processes.get(0).kill();
        awaitProgress();
        processes.get(3).kill();
        awaitProgress();
        run("balancer", processes.get(0).port(), "--peers", balancers.get(1));
        awaitWorkers(balancers, 1);
        processes.get(1).kill();
        awaitProgress();
        stopping.set(true);
        clients.shutdown();
        assertThat(clients.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(problems).isEmpty();
        assertThat(retries.get()).as("the kills were felt").isPositive();
    }

    /** Each producer has posted and each consumer has read some more. */
    private void awaitProgress() {
        long readsBefore = reads.get();
        Map<Integer, Long> before = new ConcurrentHashMap<>();
        accepted.forEach((id, number) -> before.put(id, number.get()));
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(problems).isEmpty();
            assertThat(accepted)
                    .allSatisfy((id, number) -> assertThat(number.get()).isGreaterThan(before.get(id) + 5));
            assertThat(reads.get()).isGreaterThan(readsBefore + 20);
        });
    }

    private void produce(int id) {
        int balancer = id;
        String worker = "";
        for (long number = 1; !stopping.get(); number++) {
            for (int attempt = 0; attempt < 2; attempt++) {
                try {
                    if (worker.isEmpty()) {
                        worker = register(balancer, id);
                    }
                    String answer = http.heartbeat(worker, id, "lab", Long.toString(number));
                    if (answer.startsWith("200")) {
                        accepted.get(id).set(number);
                        break;
                    }
                    failed(attempt, "producer " + id + ": " + answer);
                } catch (IOException | AssertionError e) {
                    failed(attempt, "producer " + id + ": " + e);
                } catch (InterruptedException e) {
                    return;
                }
                worker = "";
                balancer++;
            }
            pause(PAUSE_MS);
        }
    }

    /** A registration that fails is tried once at the other balancer. */
    private String register(int balancer, int id) throws IOException, InterruptedException {
        try {
            return http.register(balancers.get(balancer % 2), id);
        } catch (IOException gone) {
            retries.incrementAndGet();
            return http.register(balancers.get((balancer + 1) % 2), id);
        }
    }

    private void consume(int id) {
        int balancer = id;
        while (!stopping.get()) {
            long before = accepted.get(id).get();
            for (int attempt = 0; attempt < 2; attempt++) {
                try {
                    String data = http.consume(balancers.get(balancer % 2), id);
                    if (data.matches("\\d{1,18}") && Long.parseLong(data) < before) {
                        problems.add("stale: producer " + id + " " + data + " but " + before + " was accepted");
                    }
                    if (data.matches("\\d{1,18}")) {
                        reads.incrementAndGet();
                        break;
                    }
                    failed(attempt, "consumer " + id + ": " + data);
                } catch (IOException e) {
                    failed(attempt, "consumer " + id + ": " + e);
                } catch (InterruptedException e) {
                    return;
                }
                balancer++;
            }
            pause(PAUSE_MS);
        }
    }

    private void failed(int attempt, String what) {
        if (stopping.get()) {
            return;
        }
        if (attempt == 0) {
            retries.incrementAndGet();
            pause(RETRY_MS);
        } else {
            problems.add("failed twice: " + what);
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
