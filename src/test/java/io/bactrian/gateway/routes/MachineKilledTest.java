package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.store.PostgresServer;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two machines, each with a balancer and a worker, share one PostgreSQL. One of them is a process that is killed with kill -9 under
 * load.
 */
@Tag("slow")
class MachineKilledTest {
    private static final int PRODUCERS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final HttpCalls http = new HttpCalls();

    @Test
    void theOtherMachineGoesOnWithoutAStaleAnswerOrALostRequest() throws Exception {
        PostgresServer postgres = PostgresServer.start();
        DatabaseSettings database = postgres.newSettings();
        List<String> shared = List.of(
                "bactrian.gateway.database.url=" + database.url(),
                "bactrian.gateway.database.user=" + database.user(),
                "bactrian.gateway.worker.flush=always");
        int killedBalancer = Ports.free();
        int balancer = Ports.free();
        int worker = Ports.free();
        List<String> balancers = List.of("http://127.0.0.1:" + killedBalancer, "http://127.0.0.1:" + balancer);
        List<String> arguments = new ArrayList<>(List.of(
                "--peers", balancers.get(1), "worker", "" + Ports.free(), "--balancers", String.join(",", balancers)));
        shared.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        List<String> settings = new ArrayList<>(shared);
        settings.add("bactrian.gateway.balancer.port=" + balancer);
        settings.add("bactrian.gateway.balancer.peers=" + balancers.get(0));
        settings.add("bactrian.gateway.worker.port=" + worker);
        settings.add("bactrian.gateway.balancers=" + String.join(",", balancers));
        settings.add("bactrian.routes=gateway/balancer,gateway/worker");
        try (GatewayProcess killed =
                        GatewayProcess.start(folder, "balancer", killedBalancer, arguments.toArray(String[]::new));
                GatewayNode here = GatewayNode.start("balancer", folder.resolve("here"), balancer, settings)) {
            killed.awaitListening();
            awaitWorkers(balancers, killed);
            try (GatewayLoad load = GatewayLoad.start(balancers, PRODUCERS)) {
                killed.kill();
                load.awaitProgress();
                load.assertNothingWrong();
            }
            assertThat(http.register(here, 1)).isEqualTo("http://127.0.0.1:" + worker);
        } finally {
            postgres.stop();
        }
    }

    /** Both balancers give out both workers. */
    private void awaitWorkers(List<String> balancers, GatewayProcess process) {
        for (String balancer : balancers) {
            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
                TreeSet<String> workers = new TreeSet<>();
                for (int i = 0; i < 4; i++) {
                    workers.add(http.answer(balancer + "/register/900"));
                }
                assertThat(workers).as(process::log).hasSize(2).allMatch(answer -> answer.startsWith("200 http"));
            });
        }
    }
}
