package io.bactrian.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person is told when a role of the gateway cannot start, and what a restart keeps. */
class GatewayStartTest {
    @TempDir
    Path folder;

    private final HttpCalls http = new HttpCalls();

    @Test
    void aPortInUseIsTold() {
        try (GatewayNode first = GatewayNode.balancer(folder.resolve("one"))) {
            assertThatThrownBy(() -> GatewayNode.balancer(folder.resolve("two"), first.port()))
                    .hasMessageContaining("The balancer cannot listen on 127.0.0.1:" + first.port());
        }
    }

    @Test
    void aDatabaseThatCannotBeOpenedIsTold() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("gateway.mv.db"), "no database");
        assertThatThrownBy(() -> GatewayNode.balancer(data)).hasMessageContaining("Cannot open the database");
    }

    @Test
    void aBalancerThatIsStartedAgainKnowsItsWorkersAndProducers() throws Exception {
        int port;
        String worker;
        try (GatewayNode balancer = GatewayNode.balancer(folder)) {
            port = balancer.port();
            // It plays the worker, too: it answers probes, and it is there again after the restart.
            assertThat(http.answer(balancer.address() + "/balancer/" + port)).startsWith("200");
            worker = http.register(balancer, 7);
        }
        try (GatewayNode balancer = GatewayNode.balancer(folder, port)) {
            assertThat(http.get(balancer.address() + "/get_data/7").headers().firstValue("Location"))
                    .contains(worker + "/get_data/7");
        }
    }
}
