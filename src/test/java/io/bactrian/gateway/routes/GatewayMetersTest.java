package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The meters of balancer and worker, as those who make charts of them see them. */
@Tag("system")
class GatewayMetersTest {
    @TempDir
    Path data;

    @Test
    void everyMeterHasAHelpTextAndANameAsPrometheusWantsThem() {
        try (GatewayNode balancer = GatewayNode.balancer(data);
                GatewayNode worker = GatewayNode.worker(data, List.of(balancer))) {
            assertMeters(balancer, 19, "bactrian.gateway.balancer.workers.up");
            assertMeters(worker, 18, "bactrian.gateway.worker.bodies.large.bytes");
        }
    }

    private static void assertMeters(GatewayNode node, int count, String one) {
        List<Meter.Id> ids = node.application().context().getRegistry().findByType(MeterRegistry.class).stream()
                .findFirst()
                .orElseThrow()
                .getMeters()
                .stream()
                .map(Meter::getId)
                .filter(id -> id.getName().startsWith("bactrian.gateway."))
                .toList();
        assertThat(ids)
                .hasSize(count)
                .allSatisfy(id -> assertThat(id.getName()).matches("[a-z]+(\\.[a-z]+)+"))
                .allSatisfy(id -> assertThat(id.getDescription()).isNotBlank())
                .anyMatch(id -> id.getName().equals(one));
    }
}
