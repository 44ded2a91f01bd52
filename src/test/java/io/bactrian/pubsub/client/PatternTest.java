package io.bactrian.pubsub.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.wire.PatternKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternTest {
    @ParameterizedTest
    @CsvSource({
        "a, TOPIC, a",
        "a*, PREFIX, a",
        "*, PREFIX, ''",
        "a\\*, TOPIC, a*",
        "\\*, TOPIC, *",
        "a\\\\*, PREFIX, a\\",
        "a\\\\\\*, TOPIC, a\\*",
        "a*b, TOPIC, a*b",
        "a\\b, TOPIC, a\\b",
        "a**, PREFIX, a*",
    })
    void aPatternIsReadAndWrittenAlike(String text, PatternKind kind, String topic) {
        Pattern pattern = Pattern.parse(text);
        assertThat(pattern).isEqualTo(new Pattern(kind, topic));
        assertThat(pattern).hasToString(text);
    }
}
