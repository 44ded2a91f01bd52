package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ConfigKeysTest {
    private static final String TEXT = """
            # A heading that belongs to no key.

            # What it means,
            # over two lines. [duration 1s..1h]
            bactrian.some.time=5s

            # Of one topic. [size or empty]
            #bactrian.topic.<topic>.size=64k
            """;

    @Test
    void aKeyIsDeclaredByItsCommentAndItsDefault() {
        ConfigKey key = ConfigKeys.parse(TEXT).find("bactrian.some.time").orElseThrow();
        assertThat(key.meaning()).isEqualTo("What it means, over two lines.");
        assertThat(key.typeWords()).isEqualTo("duration 1s..1h");
        assertThat(key.value()).isEqualTo("5s");
        assertThat(key.set()).isTrue();
    }

    @Test
    void aPartInAngleBracketsStandsForAnyText() {
        ConfigKeys keys = ConfigKeys.parse(TEXT);
        assertThat(keys.find("bactrian.topic.a.b-c.size")).isPresent();
        assertThat(keys.find("bactrian.topic..size")).isEmpty();
        assertThat(keys.find("bactrian.topic.a.sizes")).isEmpty();
        assertThat(keys.find("bactrian.topic.a.size").orElseThrow().set()).isFalse();
    }

    @Test
    void theNearestKeyIsOfferedForAWrongOne() {
        ConfigKeys keys = ConfigKeys.parse(TEXT);
        assertThat(keys.nearest("bactrian.sone.tme")).contains("bactrian.some.time");
        assertThat(keys.nearest("bactrian.entirely.different")).isEmpty();
    }

    @Test
    void aDeclarationWithoutMeaningTypeOrFittingDefaultIsRefused() {
        assertThatThrownBy(() -> ConfigKeys.parse("bactrian.a=1")).hasMessageContaining("needs a comment");
        assertThatThrownBy(() -> ConfigKeys.parse("# No type.\nbactrian.a=1")).hasMessageContaining("needs a comment");
        assertThatThrownBy(() -> ConfigKeys.parse("# [number]\nbactrian.a=1")).hasMessageContaining("needs a comment");
        assertThatThrownBy(() -> ConfigKeys.parse("# A. [number]\nbactrian.a=x"))
                .hasMessageContaining("whole number");
        assertThatThrownBy(() -> ConfigKeys.parse("# A. [number]\nbactrian.a=1\n# A. [number]\nbactrian.a=1"))
                .hasMessageContaining("twice");
    }
}
