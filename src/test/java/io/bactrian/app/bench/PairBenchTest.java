package io.bactrian.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PairBenchTest {
    private static final long MS = 1_000_000;

    @Test
    void anOutageEndsWithTheFirstAcknowledgementAfterTheLongestSilence() {
        AckTimeline timeline = new AckTimeline(100);
        for (long atMs : new long[] {90, 101, 105, 190, 191}) {
            timeline.add(atMs * MS);
        }
        assertThat(timeline.outageNs(100 * MS)).isEqualTo(90 * MS);
        assertThat(timeline.perMillisecond(100 * MS, 10, 10))
                .hasSize(20)
                .startsWith(1)
                .endsWith(0, 0, 0, 0);
    }

    @Test
    void theChartIsAnSvgOfTheMillisecondsAroundAKill() throws Exception {
        AckTimeline timeline = new AckTimeline(100);
        timeline.add(101 * MS);

        assertThat(AckChart.svg("kill -9", timeline, 100 * MS, 50, 100)).contains("<svg", "</svg>");
    }

    @Test
    void aRunWithoutACaseIsRefused() {
        assertThatThrownBy(() -> new PairBench.Options(Set.of(), 1_000, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cases");
    }

    @Test
    @Tag("campaign")
    @Timeout(600)
    void aSmallRunMeasuresEveryCase() throws Exception {
        PairBench.Options all = new PairBench.Options(EnumSet.allOf(PairBench.Case.class), 4_000, 1, 1, 1);
        PairBench.Result result = PairBench.run(all, line -> {});

        assertThat(result.chart()).contains("<svg");
        assertThat(result.rows())
                .allSatisfy(row -> assertThat(row.value()).as(row.name()).isPositive());
        assertThat((JsonArray) Jsoner.deserialize(result.json()))
                .hasSize(result.rows().size());
        for (String name :
                List.of("hub alone", "sync / alone", "async / alone", "kill -9 with", "silent", "switch", "speed")) {
            assertThat(result.rows()).as(name).anyMatch(row -> row.name().startsWith(name));
        }
    }
}
