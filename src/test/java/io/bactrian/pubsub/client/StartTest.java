package io.bactrian.pubsub.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bactrian.support.text.TimeText;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartTest {
    @Test
    void wordsPositionsAndTimesAreRead() {
        assertThat(Start.parse("Oldest")).isEqualTo(Start.OLDEST);
        assertThat(Start.parse("now")).isEqualTo(Start.NOW);
        assertThat(Start.parse("7")).isEqualTo(Start.at(7));
        Start since = Start.since(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(Start.parse("2026-01-01T00:00:00Z")).isEqualTo(since);
        assertThat(Start.parse("2026-01-01T01:00+01:00")).isEqualTo(since);
        assertThat(Start.parse("2025-12-31 16:00-08:00")).isEqualTo(since);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-01-01T01:00 01:00", "2026-01-01T01:00:00.000 0100", "2026-01-01 01:00 01"})
    void aPlusThatAUriHasMadeABlankIsReadAsOne(String text) {
        assertThat(Start.parse(text)).isEqualTo(Start.since(Instant.parse("2026-01-01T00:00:00Z")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "yesterday", "0", "-1", "2026-01-01", "25:00", "1969-12-31T23:59:59Z", "2026-02-30T00:00Z"})
    void whatIsNoneOfThemIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Start.parse(text));
    }

    @Test
    void anHourThatTheChangeOfClocksMakesUnclearIsRefusedWithTheChoices() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimeText.parse("2026-10-25T02:30", berlin))
                .withMessageContaining("2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimeText.parse("2026-03-29 02:30", berlin))
                .withMessageContaining("does not exist in Europe/Berlin");
        assertThat(TimeText.parse("2026-03-29T03:30", berlin)).isEqualTo(Instant.parse("2026-03-29T01:30:00Z"));
    }
}
