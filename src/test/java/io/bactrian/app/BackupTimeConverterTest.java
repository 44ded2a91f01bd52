package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class BackupTimeConverterTest {
    private final BackupTimeConverter berlin = new BackupTimeConverter(ZoneId.of("Europe/Berlin"));

    @ParameterizedTest
    @CsvSource({
        "2026-11-21T07:05:00Z, 2026-11-21T07:05:00Z",
        "2026-11-21T07:05Z, 2026-11-21T07:05:00Z",
        "2026-11-21T07:05+05:30, 2026-11-21T01:35:00Z",
        "2026-11-21T07:05:00-08:00, 2026-11-21T15:05:00Z",
        "2026-11-21T07:05:00.250+0100, 2026-11-21T06:05:00.250Z",
        "2026-11-21 07:05+01, 2026-11-21T06:05:00Z",
        "2026-11-21T07:05, 2026-11-21T06:05:00Z",
        "2026-07-21 07:05:30, 2026-07-21T05:05:30Z",
        "20261121T070500.123Z, 2026-11-21T07:05:00.123Z"
    })
    void aTimeIsTakenWithItsOffsetOrInTheZoneOfTheMachine(String text, Instant expected) {
        assertThat(berlin.convert(text)).isEqualTo(expected);
    }

    @Test
    void anHourThatExistsTwiceIsRefusedWithBothChoices() {
        assertThatThrownBy(() -> berlin.convert("2026-10-25T02:30"))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("exists twice in Europe/Berlin")
                .hasMessageContaining("2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00");
        assertThat(berlin.convert("2026-10-25T02:30+02:00")).isEqualTo(Instant.parse("2026-10-25T00:30:00Z"));
    }

    @Test
    void anHourThatDoesNotExistIsRefused() {
        assertThatThrownBy(() -> berlin.convert("2026-03-29T02:30"))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("does not exist in Europe/Berlin")
                .hasMessageContaining("2026-03-29T02:30+01:00");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "yesterday",
                "2026-13-01T00:00",
                "2026-11-21",
                "07:05",
                "2026-11-21T07:05+1",
                "2026-11-21T07:05+99:00",
                ""
            })
    void whatIsNoTimeIsToldWithTheForms(String text) {
        assertThatThrownBy(() -> berlin.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("2026-11-21T07:05+01:00");
    }
}
