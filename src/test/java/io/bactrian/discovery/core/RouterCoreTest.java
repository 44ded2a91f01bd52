package io.bactrian.discovery.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one router does at its bounds, and with what is wrong around it. */
class RouterCoreTest {
    private static final long LEASE_MS = 10_000;
    private static final int NODES_MAX = 3;

    private final List<Action> actions = new ArrayList<>();
    private long nowMs = 1_000_000;
    private RouterCore router;

    @BeforeEach
    void start() {
        RouterSettings settings = RouterSettings.defaults().withBounds(NODES_MAX, 10, 30_000, 600_000, true);
        Self self = new Self("r", "10.0.0.1:8102", "tcp://10.0.0.1:5555", "tcp://10.0.0.1:8100", 1);
        router = new RouterCore(self, settings, List.of(), new Random(1), nowMs);
    }

    private static Registration node(String id, int pingPort, String... covers) {
        return new Registration(
                id, "worker", "", "10.1.0.1", 1, "g", "", List.of(), Map.of(), id, LEASE_MS, pingPort, List.of(covers));
    }

    private void pass(long ms) {
        for (long endMs = nowMs + ms; nowMs < endMs; nowMs += 50) {
            router.tick(nowMs);
            actions.addAll(router.drain());
        }
    }

    private NodeStatus status(String id) {
        return Objects.requireNonNull(router.node(id, nowMs)).status();
    }

    private List<String> notices() {
        return actions.stream()
                .filter(Action.Notice.class::isInstance)
                .map(action -> ((Action.Notice) action).kind())
                .distinct()
                .toList();
    }

    @Test
    void workBeyondTheBoundIsDoneByNobodyAndTold() {
        for (String id : List.of("a", "b", "c")) {
            router.register(node(id, 0, id + 1, id + 2, id + 3, id + 4, id + 5), nowMs);
        }
        pass(3_000);
        assertThat(router.assignments()).hasSize(4 * NODES_MAX);
        assertThat(notices()).contains("work-max");
    }

    @Test
    void theWorkOfANodeIsThatOfItsGroup() {
        router.register(node("a", 0, "x", "y"), nowMs);
        pass(3_000);
        assertThat(router.work("g", "a")).containsExactly("x", "y");
        assertThat(router.work("other", "a")).isEmpty();
    }

    @Test
    void theLeaseDecidesOnANodeThatIsNotPingedForLackOfRoom() {
        router.register(node("a", 7), nowMs);
        for (int i = 0; i < 30; i++) {
            pass(100);
            router.pingNotPossible("a", nowMs);
        }
        assertThat(status("a")).as("within its lease").isEqualTo(NodeStatus.ACTIVE);
        pass(LEASE_MS);
        router.pingNotPossible("a", nowMs);
        assertThat(status("a")).as("after its lease").isEqualTo(NodeStatus.DOWN);
    }

    @Test
    void aRouterWithTheSameIdIsTold() {
        Content.Router twin =
                new Content.Router("r", "10.0.0.2:8102", "tcp://h:1", "tcp://h:2", RouterState.ALIVE, "r");
        router.receive(
                "10.0.0.2:8102", new RouterMessage.Gossip("r", List.of(RegistryEntry.router(twin, 1, 0))), nowMs);
        pass(100);
        assertThat(notices()).containsExactly("router-id-taken");
    }

    @Test
    void twoOthersWithOneIdAreTold() {
        for (int i = 2; i < 4; i++) {
            String address = "10.0.0." + i + ":8102";
            Content.Router other = new Content.Router("x", address, "tcp://h:1", "tcp://h:2", RouterState.ALIVE, "x");
            router.receive(address, new RouterMessage.Gossip("x", List.of(RegistryEntry.router(other, 1, 0))), nowMs);
        }
        pass(100);
        assertThat(notices()).containsExactly("router-id-taken");
    }

    /** Two routers with one id would go on for ever otherwise. */
    @Test
    void whatOthersSayOfItsNodesAndIsTrueIsNotToldAnew() {
        Content.Router other =
                new Content.Router("x", "10.0.0.2:8102", "tcp://h:1", "tcp://h:2", RouterState.ALIVE, "x");
        router.receive(
                "10.0.0.2:8102", new RouterMessage.Gossip("x", List.of(RegistryEntry.router(other, 1, 0))), nowMs);
        router.register(node("a", 0), nowMs);
        long version = 1L << 40;
        for (NodeStatus said : List.of(NodeStatus.ACTIVE, NodeStatus.DOWN)) {
            Content.Sighting sighting = new Content.Sighting("r", node("a", 0), said, nowMs);
            version++;
            RegistryEntry entry = RegistryEntry.sighting(sighting, version, 0);
            router.receive("10.0.0.2:8102", new RouterMessage.State("x", List.of(entry)), nowMs);
            pass(200);
            assertThat(toldVersion() > version)
                    .as("told anew when it is said to be " + said)
                    .isEqualTo(said == NodeStatus.DOWN);
        }
        assertThat(status("a")).isEqualTo(NodeStatus.ACTIVE);
    }

    private long toldVersion() {
        return actions.stream()
                .filter(action -> action instanceof Action.Send send && send.message() instanceof RouterMessage.Gossip)
                .flatMap(action -> ((RouterMessage.Gossip) ((Action.Send) action).message()).entries().stream())
                .filter(entry -> entry.content() instanceof Content.Sighting)
                .mapToLong(RegistryEntry::version)
                .max()
                .orElse(0);
    }

    @Test
    void aRouterThatIsAloneAndWasHeldUpIsWellAgain() {
        pass(1_000);
        nowMs += 5_000;
        pass(1_000);
        assertThat(router.figures()).containsEntry("stalls", 1L).containsEntry("localHealth", 0L);
    }

    @Test
    void whatARouterTellsItselfIsNoSecondRouter() {
        Content.Router own = router.routers().get(0);
        router.receive("10.0.0.1:8102", new RouterMessage.Gossip("r", List.of(RegistryEntry.router(own, 1, 0))), nowMs);
        pass(100);
        assertThat(notices()).isEmpty();
    }
}
