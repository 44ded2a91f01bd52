package io.bactrian.routes;

import org.junit.jupiter.api.Tag;

/** The hub as {@code routes/pubsub/} has it. */
@Tag("system")
class HubInYamlTest extends HubTest {
    @Override
    TestHub.Dsl dsl() {
        return TestHub.Dsl.YAML;
    }
}
