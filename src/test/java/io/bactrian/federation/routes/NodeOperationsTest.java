package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of a node, and what it does while its disk takes nothing. */
@Tag("system")
class NodeOperationsTest {
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private TestFederation nodes;

    @BeforeEach
    void start() throws Exception {
        nodes = new TestFederation(folder, TestFederation.rootWithTwoChildren())
                .set("camel.metrics.enabled", "true")
                .set("bactrian.federation.journal.records", "50")
                .set("bactrian.federation.topology.lookMs", "100")
                .start(ROOT, A);
    }

    @AfterEach
    void stop() {
        nodes.close();
    }

    private HealthCheck.Result health(String node) {
        return HealthCheckHelper.invoke(nodes.application(node).context()).stream()
                .filter(result -> result.getCheck().getId().equals("bactrian-federation"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void healthAndMetersTellOfKeysNeighboursAndAlarms() {
        nodes.put(ROOT, "site.mode", "day");
        MeterRegistry meters = nodes.application(ROOT).context().getRegistry().findSingleByType(MeterRegistry.class);
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(meters.get("bactrian.federation.neighbours.heard")
                            .gauge()
                            .value())
                    .isEqualTo(1);
            // That of b, which does not run.
            assertThat(meters.get("bactrian.federation.alarms.open").gauge().value())
                    .isGreaterThanOrEqualTo(1);
            assertThat(meters.get("bactrian.federation.keys").gauge().value()).isGreaterThan(1);
        });
        assertThat(meters.get("bactrian.federation.neighbours").gauge().value()).isEqualTo(2);
        assertThat(meters.get("bactrian.federation.delay.max.seconds").gauge().value())
                .isBetween(0.0, 10.0);
        assertThat(meters.getMeters())
                .filteredOn(meter -> meter.getId().getName().startsWith("bactrian.federation."))
                .hasSizeGreaterThan(20)
                .allSatisfy(meter -> {
                    assertThat(meter.getId().getName()).matches("bactrian\\.federation(\\.[a-z]+)+");
                    assertThat(meter.getId().getDescription()).isNotBlank();
                });
        assertThat(meters.get("bactrian.federation.active").gauge().value()).isEqualTo(1);
        assertThat(meters.get("bactrian.federation.events")
                        .tag("kind", "alarm-opened")
                        .functionCounter()
                        .count())
                .isGreaterThanOrEqualTo(1);
        assertThat(health(ROOT).getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(health(ROOT).getDetails()).containsEntry("node", ROOT).containsKeys("neighbours", "alarms", "epoch");
    }

    /** The journal of A takes nothing as long as the first of these is true. */
    private void fillDisk(boolean[] full) throws Exception {
        AdviceWith.adviceWith(
                nodes.application(A).context(),
                "run-node",
                route -> route.weaveByToUri("journal:federation-state.*")
                        .before()
                        .process(exchange -> {
                            if (full[0]) {
                                throw new IllegalStateException("no space left on device");
                            }
                        }));
    }

    @Test
    void aTopologyIsThatOfTheLastRunOnlyWhenItsConsequencesAreOnTheDisk() throws Exception {
        Path copy = folder.resolve("data/federation").resolve(A).resolve("topology.yaml");
        await().atMost(PATIENCE).until(() -> Files.exists(copy));
        String former = Files.readString(copy);
        nodes.put(ROOT, "site.mode", "day");
        await().atMost(PATIENCE).until(() -> nodes.value(A, "site.mode").equals("day"));
        boolean[] full = {true};
        fillDisk(full);
        String next = former.replace("owns: [site]", "owns: [hall]").replace("[tunnel.a]", "[tunnel.a, site]");
        Files.writeString(nodes.topology(), next);
        await().atMost(PATIENCE)
                .until(() -> nodes.node(A).topology().node(A).owns().contains("site"));
        await().atMost(PATIENCE).until(() -> health(A).getState() == HealthCheck.State.DOWN);
        assertThat(Files.readString(copy)).isEqualTo(former);
        full[0] = false;
        await().atMost(PATIENCE).until(() -> Files.readString(copy).equals(next));
    }

    @Test
    void whatCouldNotBeKeptIsHeardByNobodyAndKeptLater() throws Exception {
        nodes.put(A, "tunnel.a.fan", "before");
        await().atMost(PATIENCE).until(() -> nodes.value(ROOT, "tunnel.a.fan").equals("before"));
        boolean[] full = {true};
        fillDisk(full);
        assertThatThrownBy(() -> nodes.put(A, "tunnel.a.fan", "lost?")).hasMessageContaining("Exception occurred");
        await().atMost(PATIENCE).until(() -> health(A).getState() == HealthCheck.State.DOWN);
        assertThat(health(A).getMessage().orElse("")).contains("cannot be kept");
        await().atMost(PATIENCE)
                .until(() -> nodes.value(ROOT, "nodes.root.alarms.silent-nodes_root_a")
                        .startsWith("open"));
        assertThat(nodes.value(ROOT, "tunnel.a.fan")).isEqualTo("before");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(() -> nodes.put(A, "tunnel.a.more", "x"))
                        .hasRootCauseInstanceOf(IllegalStateException.class)
                        .rootCause()
                        .hasMessageContaining("takes no more"));
        full[0] = false;
        await().atMost(PATIENCE).until(() -> nodes.value(ROOT, "tunnel.a.fan").equals("lost?"));
        assertThat(health(A).getState()).isEqualTo(HealthCheck.State.UP);
    }
}
