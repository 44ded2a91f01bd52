package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void theLogIsColouredOnATerminalOnly() {
        assertThat(Terminal.coloured("auto", Map.of(), () -> true)).isTrue();
        assertThat(Terminal.coloured("auto", Map.of(), () -> false)).isFalse();
    }

    @Test
    void noColorIsRespectedUnlessColourIsForced() {
        assertThat(Terminal.coloured("auto", Map.of("NO_COLOR", "1"), () -> true))
                .isFalse();
        assertThat(Terminal.coloured("auto", Map.of("NO_COLOR", ""), () -> true))
                .isTrue();
        assertThat(Terminal.coloured("always", Map.of("NO_COLOR", "1"), () -> false))
                .isTrue();
        assertThat(Terminal.coloured("never", Map.of(), () -> true)).isFalse();
        assertThat(Terminal.coloured("auto", Map.of("TERM", "dumb"), () -> true))
                .isFalse();
    }
}
