package io.bactrian.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code bactrian speed watch} draws. */
class SpeedPictureTest {
    private static List<String> draw(Long... minute) {
        return SpeedPicture.draw(List.of(minute), true).lines().toList();
    }

    @Test
    void aHigherAverageIsAHigherColumnAndASecondWithoutOneIsEmpty() {
        List<String> rows = draw(75L, -1L, 95L);
        assertThat(rows).hasSize(12);
        assertThat(rows.get(0)).startsWith("    96 |").endsWith("  ");
        assertThat(rows.get(9)).isEqualTo("    60 |█ █");
        assertThat(rows.get(6)).isEqualTo("    72 |▆ █");
        assertThat(rows.get(2)).isEqualTo("    88 |  █");
    }

    @Test
    void aMinuteWithoutAnythingIsAnEmptyPicture() {
        assertThat(draw(-1L, -1L)).hasSize(12).first().asString().endsWith("|  ");
    }

    @Test
    void asciiIsEnough() {
        assertThat(SpeedPicture.draw(List.of(80L, 81L), false))
                .matches("[\\x0a\\x0d -~]*")
                .contains("@@");
    }

    @Test
    void addressesAreReadWithTheirPorts() {
        assertThat(SpeedCommand.nodes("a:1, [::1]:2"))
                .containsExactly(new SpeedCommand.Node("a", 1), new SpeedCommand.Node("[::1]", 2));
        assertThatThrownBy(() -> SpeedCommand.nodes("a:70000")).hasMessageContaining("HOST:PORT");
    }
}
