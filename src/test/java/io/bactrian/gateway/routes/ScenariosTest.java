package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The six scenarios of the reference system, with the calls of its own clients, over one balancer and three workers. They build on
 * each other, as there.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("system")
class ScenariosTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path data;

    private static final HttpCalls HTTP = new HttpCalls();
    private static GatewayNode balancer;
    private static final List<GatewayNode> WORKERS = new ArrayList<>();

    @BeforeAll
    static void start() {
        balancer = GatewayNode.balancer(data);
    }

    @AfterAll
    static void stop() {
        WORKERS.forEach(GatewayNode::close);
        balancer.close();
    }

    private static void startWorkers(int count) {
        while (WORKERS.size() < count) {
            WORKERS.add(GatewayNode.worker(data, List.of(balancer)));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(workersInTurn(2 * count)).hasSize(count));
    }

    /** The workers that so many registrations get. */
    private static Set<String> workersInTurn(int registrations) throws Exception {
        Set<String> workers = new HashSet<>();
        for (int i = 0; i < registrations; i++) {
            workers.add(HTTP.answer(balancer.address() + "/register/900"));
        }
        workers.removeIf(answer -> !answer.startsWith("200 "));
        return workers;
    }

    @Test
    @Order(1)
    void withoutWorkersNobodyIsServed() throws Exception {
        assertThat(HTTP.answer(balancer.address() + "/register/1")).isEqualTo("400 No workers are online right now");
        assertThat(HTTP.answer(balancer.address() + "/get_data/1")).isEqualTo("400 Producer does not exist");
    }

    @Test
    @Order(2)
    void aConsumerGetsTheDataOfAProducer() throws Exception {
        startWorkers(1);
        String worker = HTTP.register(balancer, 1);
        assertThat(worker).isEqualTo(WORKERS.get(0).address());
        assertThat(HTTP.consume(balancer, 1)).isEqualTo("400 Error - Data not found. Try again later.");
        assertThat(HTTP.heartbeat(worker, 1, "lab", "{\"t\": 20.5}")).isEqualTo("200 Producer(1) heartbeat updated");
        assertThat(HTTP.consume(balancer, 1)).isEqualTo("{\"t\": 20.5}");
        assertThat(HTTP.heartbeat(worker, 1, "lab", "{\"t\": 21}")).startsWith("200");
        assertThat(HTTP.consume(balancer, 1)).isEqualTo("{\"t\": 21}");
        assertThat(HTTP.get(balancer.address() + "/get_data/1").headers().firstValue("Location"))
                .contains(worker + "/get_data/1");
    }

    @Test
    @Order(3)
    void theDataOfAProducerThatIsGoneIsStillServed() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(HTTP.consume(balancer, 1)).isEqualTo("{\"t\": 21}");
        }
        assertThat(HTTP.answer(WORKERS.get(0).address() + "/get_data_location/lab"))
                .contains("\"data\":{\"t\": 21}}");
    }

    @Test
    @Order(4)
    void anUnknownIdIsToldSo() throws Exception {
        assertThat(HTTP.answer(balancer.address() + "/get_data/77")).isEqualTo("400 Producer does not exist");
        assertThat(HTTP.answer(WORKERS.get(0).address() + "/get_data/77"))
                .isEqualTo("400 Error - Data not found. Try again later.");
    }

    @Test
    @Order(5)
    void fifteenProducersAreSpreadOverTheWorkersInTurn() throws Exception {
        startWorkers(3);
        TreeMap<String, Integer> shares = new TreeMap<>();
        for (int id = 1; id <= 15; id++) {
            String worker = HTTP.register(balancer, id);
            shares.merge(worker, 1, Integer::sum);
            assertThat(HTTP.heartbeat(worker, id, "room " + id, "" + id)).startsWith("200");
        }
        assertThat(shares.values()).containsExactly(5, 5, 5);
        for (int id = 1; id <= 15; id++) {
            assertThat(HTTP.consume(balancer, id)).isEqualTo("" + id);
        }
        assertThat(HTTP.answer(WORKERS.get(0).address() + "/get_data_location/room%207"))
                .contains("\"id\":7,");
    }

    @Test
    @Order(6)
    void workersThatStopAndComeBackLoseNothing() throws Exception {
        for (int round = 0; round < 3; round++) {
            GatewayNode stopped = WORKERS.remove(0);
            stopped.close();
            for (int id = 1; id <= 15; id++) {
                assertThat(HTTP.consume(balancer, id)).as("of producer %d", id).isEqualTo("" + id);
            }
            WORKERS.add(GatewayNode.worker(data, stopped.port(), List.of(balancer)));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(workersInTurn(6)).hasSize(3));
        for (int id = 1; id <= 15; id++) {
            assertThat(HTTP.consume(balancer, id)).isEqualTo("" + id);
        }
    }
}
