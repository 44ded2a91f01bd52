package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub in a CamelContext that is not ours stops the start with one message that lists all that is wrong. */
class WrongConfigurationTest {
    @TempDir
    Path folder;

    @Test
    void oneMessageListsEveryProblem() {
        try (TestHub hub = new TestHub(folder, TestHub.Dsl.YAML)
                .set("bactrian.hub.publish", "5570")
                .set("bactrian.hub.plain.out", "tcp://127.0.0.1:99999")
                .set("bactrian.hub.sync", "sometimes")
                .set("bactrian.hub.message.max", "much")
                .set("bactrian.hub.batch.max", "16m")
                .set("bactrian.hub.take.messages", "0")
                .set("bactrian.hub.retention.age", "never")
                .set("bactrian.hub.retention.topics", "alarms=1d")
                .set("bactrian.hub.keep.intervalMs", "soon")
                .set("bactrian.hub.database.url", "h2:file")
                .set("bactrian.hub.database.user", "{{nobody}}")
                .set("bactrian.hub.snyc", "never")) {
            Throwable thrown = catchThrowable(hub::start);
            while (thrown.getCause() != null) {
                thrown = thrown.getCause();
            }
            assertThat(thrown).isInstanceOf(IllegalArgumentException.class);
            assertThat(thrown.getMessage().lines())
                    .as(thrown.getMessage())
                    .hasSize(13)
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("The configuration of the hub is wrong"))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("bactrian.hub.publish=5570 must be"))
                    .satisfiesOnlyOnce(
                            line -> assertThat(line).contains("bactrian.hub.plain.out=tcp://127.0.0.1:99999"))
                    .satisfiesOnlyOnce(line -> assertThat(line)
                            .contains("bactrian.hub.sync=sometimes must be one of always, interval, never"))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("bactrian.hub.message.max=much"))
                    .satisfiesOnlyOnce(line ->
                            assertThat(line).contains("bactrian.hub.frame.maxBytes=8454144", "at least 16777216"))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("bactrian.hub.take.messages=0"))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("bactrian.hub.retention.age=never"))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("bactrian.hub.retention.topics=alarms=1d"))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("bactrian.hub.keep.intervalMs=soon"))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("bactrian.hub.database.url", "jdbc:"))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("bactrian.hub.database.user", "nobody"))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("bactrian.hub.snyc is not a key"));
        }
        assertThat(folder.resolve("hub")).as("nothing was opened").doesNotExist();
    }

    @Test
    void anApplicationThatIsNoHubIsLeftAlone() throws IOException {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getPropertiesComponent().addOverrideProperty("bactrian.hub.sync", "sometimes");
            context.start();
            assertThat(context.isStarted()).isTrue();
        }
    }
}
