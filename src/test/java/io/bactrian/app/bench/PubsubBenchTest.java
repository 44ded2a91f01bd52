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
@Timeout(600)
class PubsubBenchTest {
    private static final List<String> PROGRESS = new ArrayList<>();

    private static RateBench bench(int subscribers, int rounds) {
        return new RateBench(
                new RateBench.Options(64, 1, subscribers, Duration.ofMillis(500), rounds, null), PROGRESS::add);
    }

    @Test
    void aSmallRunMeasuresEveryCase() throws Exception {
        List<PubsubResult> results = bench(1, 2).ratios();
        JsonArray cases = (JsonArray) Jsoner.deserialize(PubsubResult.json(results));
        assertThat(cases).hasSize(2);
        for (Object one : cases) {
            JsonObject object = (JsonObject) one;
            assertThat(object.getDouble("messagesPerSecond")).isPositive();
            assertThat(object.getDouble("p50Micros")).isPositive();
        }
        assertThat(results.get(0).ratio()).isPositive();
        assertThat(results.get(1).acceptedP50Micros())
                .isPositive()
                .isLessThanOrEqualTo(results.get(1).p99Micros());
        assertThat(results.get(1).syncMicros()).isPositive();
    }

    @Test
    void atARateEachMessageIsPutWhenItIsDue() throws Exception {
        List<RateResult> results = bench(2, 1).at(2_000);

        RateResult result = results.get(0);
        assertThat(results).hasSize(1);
        assertThat(result.rate()).isEqualTo(2_000);
        assertThat(result.subscribers()).isEqualTo(2);
        assertThat(result.delivered()).isPositive();
        assertThat(result.p50Micros()).isPositive().isLessThanOrEqualTo(result.p99Micros());
        assertThat(result.p99Micros()).isLessThanOrEqualTo(result.maxMicros());
        assertThat(RateResult.json(results)).contains("\"rate\":2000");
        assertThat(RateResult.table(results)).contains("2,000");
    }

    @Test
    void aSubscriberThatReturnsCatchesUp() throws Exception {
        CatchUpResult result = bench(1, 1).catchUp();

        assertThat(result.caughtUpPerSecond()).isPositive();
        assertThat(result.besideDelivered()).isPositive();
        assertThat((JsonObject) Jsoner.deserialize(result.json())).containsKeys("rate", "seconds", "besideP99Micros");
        assertThat(result.text()).contains("caught up after");
    }

    @Test
    void aCurveIsAChart() throws Exception {
        List<RateResult> curve = List.of(
                new RateResult("bactrian", 1_000, 64, 1, 1_000, 900, 2_000, 3_000, 4_000, 0, 0, 1, 1, 1),
                new RateResult("bactrian", 2_000, 64, 1, 2_000, 1_900, 9_000, 30_000, 44_000, 0, 0, 1, 1, 1));
        assertThat(RateChart.svg(curve)).contains("<svg");
        assertThat(RateChart.chart(curve).getSeriesMap()).containsOnlyKeys("bactrian p50", "bactrian p99");
    }
}
