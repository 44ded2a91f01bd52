package io.bactrian.routes;

/** The hub as {@code routes/pubsub/} has it. */
class HubInYamlTest extends HubTest {
    @Override
    TestHub.Dsl dsl() {
        return TestHub.Dsl.YAML;
    }
}
