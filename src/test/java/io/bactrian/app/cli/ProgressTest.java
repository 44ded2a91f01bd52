package io.bactrian.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void theWidthIsThatOfTheTerminalIfItIsTold() {
        assertThat(Progress.width("120")).isEqualTo(119);
        assertThat(Progress.width("1")).isEqualTo(1);
        for (String nothing : new String[] {null, "", "0", "-5", "wide", "99999999999"}) {
            assertThat(Progress.width(nothing)).as(nothing).isEqualTo(79);
        }
    }
}
