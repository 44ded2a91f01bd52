package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.support.config.NumberUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTypeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "text; anything",
                "text or empty; ''",
                "number 1..10; 1",
                "number 1..10; 10",
                "number; -5",
                "duration; 0",
                "duration 1s..1h; 1h",
                "duration; 1h30m",
                "duration; 500ms",
                "size; 64k",
                "size 1k..1g; 1024",
                "size 1k..1g; 1G",
                "size 1k..1g; 64kb",
                "a|b|c; b",
                "host; 127.0.0.1",
                "host; hub-1.example.org",
                "host; ::1",
                "address; tcp://127.0.0.1:5570",
                "address; tcp://*:*",
                "address; tcp://[::1]:5570",
                "address; registry:hub/publish",
                "address; ipc:///tmp/hub,inproc://hub",
            })
    void takesWhatFits(String type, String value) {
        assertThat(KeyType.parse(type).wrong(value)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "text; ' '; a text",
                "number 1..10; 0; from 1 to 10",
                "number 1..10; 11; from 1 to 10",
                "number; 1.5; a whole number",
                "number; 99999999999999999999; a whole number",
                "duration; 5; 500ms",
                "duration; 5 s; 500ms",
                "duration; 5s3; 500ms",
                "duration; 9999999999999d; 500ms",
                "duration 1s..1h; 999ms; from 1s to 1h",
                "size; -1; 64k",
                "size; 64kbit; 64k",
                "size; 99999999999g; 64k",
                "a|b|c; d; 'a, b, c'",
                "host; a b; host name",
                "address; localhost:5570; tcp://127.0.0.1:5570",
                "address; registry:a/b/c; tcp://127.0.0.1:5570",
                "address; tcp://127.0.0.1:65536; tcp://127.0.0.1:5570",
                "address; 'tcp://127.0.0.1:1,'; tcp://127.0.0.1:5570",
                "number or empty; x; or nothing",
            })
    void saysWhatWouldBeRight(String type, String value, String right) {
        assertThat(KeyType.parse(type).wrong(value))
                .hasValueSatisfying(text -> assertThat(text).contains(right));
    }

    @ParameterizedTest
    @ValueSource(strings = {"colour", "number 1", "number 10..1", "size a..b"})
    void aTypeThatMakesNoSenseIsRefused(String type) {
        assertThatThrownBy(() -> KeyType.parse(type)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void unitsAreReadAsMillisecondsAndOctets() {
        assertThat(NumberUnit.DURATION.parse("1h30m")).isEqualTo(5_400_000);
        assertThat(NumberUnit.DURATION.parse("1d1ms")).isEqualTo(86_400_001);
        assertThat(NumberUnit.SIZE.parse("64k")).isEqualTo(65_536);
        assertThat(NumberUnit.SIZE.parse("2g")).isEqualTo(2_147_483_648L);
    }
}
