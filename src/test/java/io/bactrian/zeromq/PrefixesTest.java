package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixesTest {
    @Test
    void prefixesAreTakenAsTheyAre() {
        assertThat(Prefixes.parse("10001 ,b, c")).containsExactly("10001 ", "b", " c");
        assertThat(Prefixes.parse("a,,b,")).containsExactly("a", "b");
        assertThat(Prefixes.parse("")).isEmpty();
    }

    @Test
    void aLoneAsteriskIsEverything() {
        assertThat(Prefixes.parse("*")).containsExactly("");
        assertThat(Prefixes.parse("a*,*")).containsExactly("a*", "");
        assertThat(Prefixes.parse("\\*")).containsExactly("*");
    }

    @Test
    void aBackslashTakesTheMeaningAway() {
        assertThat(Prefixes.parse("a\\,b,c\\\\")).containsExactly("a,b", "c\\");
        assertThat(Prefixes.parse("\\x00\\xFf,b")).containsExactly("\0\u00ff", "b");
    }

    @Test
    void aCharacterStandsForAnOctet() {
        assertThat(Prefixes.parse("größe \uD83D\uDC2A"))
                .containsExactly(new String("größe \uD83D\uDC2A".getBytes(UTF_8), ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\", "a\\b", "\\x0", "\\xgg", "\\x"})
    void anyOtherBackslashIsWrong(String list) {
        assertThatThrownBy(() -> Prefixes.parse(list))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("backslash");
    }
}
