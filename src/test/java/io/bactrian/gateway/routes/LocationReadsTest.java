package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The newest data of a location, asked for at one worker while another one has it in memory only. */
@Tag("system")
class LocationReadsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int UNWRITTEN = 30;
    private static final String[] NEVER_BEHIND = {
        "bactrian.gateway.worker.flush.interval=1h", "bactrian.gateway.worker.flush.count=100000"
    };

    @TempDir
    Path data;

    private final HttpCalls http = new HttpCalls();

    @Test
    void noAnswerIsOlderThanWhatAnotherWorkerHasAccepted() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data);
                GatewayNode writer = GatewayNode.worker(data, List.of(balancer), NEVER_BEHIND);
                GatewayNode reader = GatewayNode.worker(data, List.of(balancer), NEVER_BEHIND)) {
            awaitWorker(balancer, 1, writer.address());
            int[] number = new int[1];
            await().atMost(PATIENCE).until(() -> {
                number[0]++;
                assertThat(http.heartbeat(writer.address(), 1, "lab", "" + number[0]))
                        .startsWith("200");
                assertThat(read(reader, "lab")).isEqualTo("" + number[0]);
                return keptInMemory(writer) >= UNWRITTEN;
            });
            assertThat(http.heartbeat(writer.address(), 1, "hall", "0")).startsWith("200");
            assertThat(read(reader, "hall")).isEqualTo("0");
            assertThat(read(writer, "hall")).isEqualTo("0");
        }
    }

    @Test
    void whoAsksAtTheSameTimeSharesWhatIsAskedOfOthers() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data);
                GatewayNode writer = GatewayNode.worker(data, List.of(balancer), NEVER_BEHIND)) {
            awaitWorker(balancer, 1, writer.address());
            assertThat(http.heartbeat(writer.address(), 1, "lab", "7")).startsWith("200");
            List<CompletableFuture<String>> reads = IntStream.range(0, 100)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> read(writer, "lab")))
                    .toList();
            assertThat(reads).allSatisfy(read -> assertThat(read.get()).isEqualTo("7"));
        }
    }

    @Test
    void withoutABalancerNobodyIsToldWhatMayBeOld() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data)) {
            try (GatewayNode worker = GatewayNode.worker(data, List.of(balancer))) {
                awaitWorker(balancer, 1, worker.address());
                balancer.application().close();
                assertThat(http.answer(worker.address() + "/get_data_location/lab"))
                        .isEqualTo("503 The worker cannot ask a balancer for what other workers have of a location"
                                + " now. Try again later.");
            }
        }
    }

    @Test
    void eitherBalancerOfAPairWillDo() throws Exception {
        int one = Ports.free();
        int two = Ports.free();
        String peers = "bactrian.gateway.balancer.peers=http://127.0.0.1:";
        try (GatewayNode first = GatewayNode.balancer(data, one, peers + two);
                GatewayNode second = GatewayNode.balancer(data, two, peers + one);
                GatewayNode writer = GatewayNode.worker(data, List.of(first, second), NEVER_BEHIND);
                GatewayNode reader = GatewayNode.worker(data, List.of(first, second), NEVER_BEHIND)) {
            awaitWorker(second, 1, writer.address());
            assertThat(http.heartbeat(writer.address(), 1, "lab", "1")).startsWith("200");
            assertThat(read(reader, "lab")).isEqualTo("1");
            first.application().close();
            for (int number = 2; number < 5; number++) {
                assertThat(http.heartbeat(writer.address(), 1, "lab", "" + number))
                        .startsWith("200");
                assertThat(read(reader, "lab")).isEqualTo("" + number);
            }
        }
    }

    /** A held process answers nobody: whoever asks waits until its lease is over, and what it has in memory only is lost to others. */
    @Test
    @Tag("slow")
    void aWorkerThatIsHeldHoldsUpNobodyForLongerThanItsLease() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(
                        data,
                        "bactrian.gateway.balancer.probe.timeout=1500ms",
                        "bactrian.gateway.balancer.lease=2500ms");
                GatewayProcess held = GatewayProcess.start(
                        data, "worker", Ports.free(), "localhost", Integer.toString(balancer.port()));
                GatewayNode reader = GatewayNode.worker(data.resolve("data"), List.of(balancer))) {
            awaitWorker(balancer, 1, held.awaitListening().address());
            assertThat(http.heartbeat(held.address(), 1, "lab", "1")).startsWith("200");
            assertThat(read(reader, "lab")).isEqualTo("1");
            held.signal("STOP");
            assertThat(read(reader, "lab")).isEqualTo("1");
            held.signal("CONT");
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(http.heartbeat(held.address(), 1, "lab", "2")).startsWith("200");
                assertThat(read(reader, "lab")).isEqualTo("2");
            });
        }
    }

    private String read(GatewayNode worker, String location) {
        try {
            return HttpCalls.data(http.get(worker.address() + "/get_data_location/" + location));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitWorker(GatewayNode balancer, long id, String worker) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> http.register(balancer, id).equals(worker));
    }

    private static double keptInMemory(GatewayNode worker) {
        return worker.application().context().getRegistry().findByType(MeterRegistry.class).stream()
                .findFirst()
                .orElseThrow()
                .get("bactrian.gateway.worker.writes.behind")
                .functionCounter()
                .count();
    }
}
