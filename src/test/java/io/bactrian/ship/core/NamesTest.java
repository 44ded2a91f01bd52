package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names other systems than this one cannot hold, or take for one. */
class NamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CON",
                "con.txt",
                "sub/Nul.tar.gz",
                "aux ",
                "com1",
                "COM\u00b9",
                "lpt9.log",
                "CONIN$",
                "a:stream",
                "a\\b",
                "..\\secret",
                "what?",
                "star*",
                "\"x\"",
                "a|b",
                "<x>",
                "ends.",
                "ends ",
                "folder./x",
                "a\nb",
                "a\n\nb",
                "tab\t",
                "BACTRI~1/lock",
                "PROGRA~2.EXE"
            })
    void windowsHasNoSuchNames(String name) {
        assertThatThrownBy(() -> Names.checkOnWindows(octets(name)))
                .isInstanceOf(ShipException.class)
                .extracting(e -> ((ShipException) e).reason())
                .isEqualTo(ShipErrorCode.BAD_NAME);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "console",
                "com",
                "com10",
                ".hidden",
                "a b",
                "gr\u00fc\u00dfe/x.y",
                "100%~",
                "a~b",
                "nul\u00e9"
            })
    void othersItHas(String name) {
        assertThatCode(() -> Names.checkOnWindows(octets(name))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00ff", "\u00c3", "x\u00e4y"})
    void octetsThatAreNoTextAreNoNameThere(String latin) {
        assertThatThrownBy(() -> Names.checkOnWindows(latin)).hasMessageContaining("it is not UTF-8");
    }

    @ParameterizedTest
    @CsvSource({
        "file,FILE",
        "gr\u00fc\u00dfe,GR\u00dc\u00dfE",
        "caf\u00e9,cafe\u0301",
        "kelvin,\u212aelvin",
        "ship,\u017fhip",
        "\u03c3,\u03c2"
    })
    void casesAndFormsOfAccentsAreFolded(String one, String other) {
        assertThat(Names.folded(octets(one))).isEqualTo(Names.folded(octets(other)));
    }

    @ParameterizedTest
    @CsvSource({"a,b", "file,file1", "caf\u00e9,cafe"})
    void otherNamesAreNot(String one, String other) {
        assertThat(Names.folded(octets(one))).isNotEqualTo(Names.folded(octets(other)));
    }

    @ParameterizedTest
    @ValueSource(strings = {".bactrian-\u017fhip/lock", ".BACTRIAN-SHIP ./x", ".bactrian-ship"})
    void theReceiversOwnFolderIsNotReachedByAnotherSpelling(String name) {
        assertThatThrownBy(() -> Names.check(octets(name))).hasMessageContaining("belongs to the receiver");
    }

    private static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
