package io.bactrian.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.support.exchange.Outcomes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(600)
class JournalOutcomesTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path root;

    @ParameterizedTest
    @EnumSource
    void anEntryCountsAsProcessedOrIsDeliveredAgain(Outcomes row) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.disableJMX();
            context.getComponent("journal", JournalComponent.class).setRoot(root.toString());
            context.addRoutes(row.route("journal:j?backOff=10ms&backOffMax=20ms", seen));
            context.start();
            context.createProducerTemplate().sendBody("journal:j", List.of("a", "b"));
            if (row.isProcessed()) {
                await().atMost(LONG).until(() -> seen.contains("b"));
                assertThat(seen).containsExactly("a", "b");
            } else {
                await().atMost(LONG).until(() -> seen.size() >= 2);
                assertThat(seen).containsOnly("a").hasSizeGreaterThan(1);
            }
        }
        assertThat(Collections.frequency(seen, "b")).isEqualTo(row.isProcessed() ? 1 : 0);
    }
}
