package io.bactrian.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("campaign")
class PubsubBenchTest {
    @Test
    @Timeout(400)
    void aSmallRunMeasuresEveryCase() throws Exception {
        List<String> progress = new ArrayList<>();
        List<PubsubResult> results =
                PubsubBench.run(new PubsubBench.Options(64, 1, 1, 2_000, null, null), progress::add);
        JsonArray cases = (JsonArray) Jsoner.deserialize(PubsubResult.json(results));
        assertThat(cases).hasSize(2);
        for (Object one : cases) {
            assertThat((JsonObject) one)
                    .containsKeys("messagesPerSecond", "rawMessagesPerSecond", "ratio", "p50Micros", "p99Micros");
            assertThat(((JsonObject) one).getDouble("messagesPerSecond")).isPositive();
            assertThat(((JsonObject) one).getDouble("p50Micros")).isPositive();
        }
        assertThat(results.get(0).ratio()).isPositive();
        assertThat(progress).anyMatch(line -> line.contains("processor time of a message"));
    }
}
