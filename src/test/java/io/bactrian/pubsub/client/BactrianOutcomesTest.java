package io.bactrian.pubsub.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.support.exchange.Outcomes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(600)
class BactrianOutcomesTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static BareHub hub;

    @BeforeAll
    static void start() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @ParameterizedTest
    @EnumSource
    void aMessageCountsAsProcessedOrIsDeliveredAgain(Outcomes row) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.disableJMX();
            BactrianComponent component = new BactrianComponent();
            component.getConfiguration().setPublishPort(hub.publishPort());
            component.getConfiguration().setSubscribePort(hub.subscribePort());
            component.getConfiguration().setData(folder.resolve("data").toString());
            context.addComponent("bactrian", component);
            context.addRoutes(row.route(
                    "bactrian:" + row + "?subscriber=" + row + "&from=oldest&redeliveries=1000000&redeliveryDelay=10"
                            + "&redeliveryDelayMax=20",
                    seen));
            context.start();
            context.createProducerTemplate().sendBody("bactrian:" + row, "a");
            context.createProducerTemplate().sendBody("bactrian:" + row, "b");
            if (row.isProcessed()) {
                await().atMost(LONG).until(() -> seen.contains("b"));
                assertThat(seen).containsExactly("a", "b");
            } else {
                await().atMost(LONG).until(() -> seen.size() >= 2);
                assertThat(seen).containsOnly("a");
            }
        }
    }
}
