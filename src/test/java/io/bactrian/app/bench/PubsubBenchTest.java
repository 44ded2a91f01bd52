package io.bactrian.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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

    @Test
    void atARateEachMessageIsPutWhenItIsDue() throws Exception {
        List<String> progress = new ArrayList<>();
        List<RateResult> results = new RateBench(64, 2, Duration.ofMillis(500), progress::add).at(2_000);

        RateResult result = results.get(0);
        assertThat(results).hasSize(1);
        assertThat(result.rate()).isEqualTo(2_000);
        assertThat(result.subscribers()).isEqualTo(2);
        assertThat(result.delivered()).isPositive();
        assertThat(result.p50Micros()).isPositive().isLessThanOrEqualTo(result.p99Micros());
        assertThat(result.p99Micros()).isLessThanOrEqualTo(result.maxMicros());
        assertThat(RateResult.json(results)).contains("\"rate\":2000");
        assertThat(RateResult.table(results)).contains("2,000");
        assertThat(progress).hasSize(2);
    }

    @Test
    void aCurveIsAChartOfThreeLines() throws Exception {
        List<RateResult> curve = List.of(
                new RateResult(1_000, 64, 1, 1_000, 900, 2_000, 3_000, 4_000, 1, 1, 1),
                new RateResult(2_000, 64, 1, 2_000, 1_900, 9_000, 30_000, 44_000, 1, 1, 1));
        assertThat(RateChart.svg(curve)).contains("<svg", "p50", "p99.9");
    }
}
