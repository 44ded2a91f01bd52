package io.bactrian.discovery.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.discovery.core.Action;
import io.bactrian.discovery.core.NodeStatus;
import io.bactrian.discovery.core.NodeView;
import io.bactrian.discovery.core.Registration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeEventTest {
    private static @Nullable NodeView view(@Nullable NodeStatus status) {
        Registration node = new Registration(
                "n", "service", "", "10.0.0.1", 1, "", "", List.of(), Map.of(), "n", 1_000, 0, List.of());
        return status == null ? null : new NodeView(node, status, List.of(), 0, 0, -1, -1);
    }

    @ParameterizedTest
    @CsvSource({
        ", JOINING, registered",
        ", ACTIVE, registered",
        ", SUSPECT, suspected",
        ", DOWN, changed",
        ", LEFT, changed",
        "JOINING, ACTIVE, active",
        "ACTIVE, ACTIVE, changed",
        "ACTIVE, SUSPECT, suspected",
        "SUSPECT, ACTIVE, active",
        "SUSPECT, DOWN, evicted",
        "DOWN, DOWN, changed",
        "DOWN, ACTIVE, registered",
        "ACTIVE, LEFT, left",
        "DOWN, LEFT, left",
        "LEFT, LEFT, changed",
        "LEFT, DOWN, changed",
        "DOWN, , forgotten",
    })
    void aNodeThatIsFirstHeardOfWhenItIsGoneIsNotEvictedAnew(
            @Nullable NodeStatus before, @Nullable NodeStatus after, String event) {
        assertThat(NodeEvent.of(new Action.NodeChanged(view(before), view(after)), 0)
                        .what())
                .isEqualTo(event);
    }
}
