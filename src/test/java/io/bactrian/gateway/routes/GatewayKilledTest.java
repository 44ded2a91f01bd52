package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two balancers and two workers as processes under load, one after the other killed with kill -9 and started again. */
@Tag("campaign")
class GatewayKilledTest {
    private static final int PRODUCERS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(180);

    @TempDir
    Path folder;

    private final List<GatewayProcess> processes = new ArrayList<>();
    private final HttpCalls http = new HttpCalls();
    private List<String> balancers;
    private boolean passed;

    @BeforeEach
    void start() throws IOException {
        int one = Ports.free();
        int two = Ports.free();
        balancers = List.of("http://127.0.0.1:" + one, "http://127.0.0.1:" + two);
        runWorker(Ports.free());
        processes.get(0).awaitListening();
        runWorker(Ports.free());
        run("balancer", one, "--peers", balancers.get(1));
        run("balancer", two, "--peers", balancers.get(0));
        processes.forEach(GatewayProcess::awaitListening);
        awaitWorkers(balancers, 2);
    }

    /** Balancers give out so many workers. */
    private void awaitWorkers(List<String> of, int count) {
        for (String balancer : of) {
            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
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
        processes.forEach(GatewayProcess::close);
        if (!passed) {
            processes.forEach(process -> System.err.println(process.log()));
        }
    }

    @Test
    void noAnswerIsStaleAndNoRequestThatIsRetriedOnceFails() throws Exception {
        GatewayProcess firstWorker = processes.get(0);
        GatewayProcess secondWorker = processes.get(1);
        GatewayProcess firstBalancer = processes.get(2);
        GatewayProcess secondBalancer = processes.get(3);
        try (GatewayLoad load = GatewayLoad.start(balancers, PRODUCERS)) {
            // It also serves the database file to the others.
            firstWorker.kill();
            load.awaitProgress();
            runWorker(firstWorker.port());
            awaitWorkers(balancers, 2);
            firstBalancer.kill();
            load.awaitProgress();
            secondWorker.kill();
            load.awaitProgress();
            run("balancer", firstBalancer.port(), "--peers", balancers.get(1));
            awaitWorkers(balancers, 1);
            secondBalancer.kill();
            load.awaitProgress();
            load.assertNothingWrong();
        }
        passed = true;
    }
}
