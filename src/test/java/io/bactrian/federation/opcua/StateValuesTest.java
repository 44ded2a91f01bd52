package io.bactrian.federation.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of the state and values of OPC UA. */
class StateValuesTest {
    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "12.5", "1e3", "9007199254740992", "0.1", "-0.001E-3"})
    void whatIsANumberIsADouble(String text) {
        assertThat(StateValues.variant(text).value()).isEqualTo(Double.parseDouble(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "007",
                "1.",
                ".5",
                "+1",
                "0x10",
                "NaN",
                "1e999",
                "9007199254740993",
                "12345678901234567890",
                "1 2",
                "TRUE"
            })
    void whatADoubleWouldChangeIsText(String text) {
        assertThat(StateValues.variant(text).value()).isEqualTo(text);
    }

    @Test
    void whatIsWrittenBecomesTheShortestText() throws UaException {
        Variant number = StateValues.variant("1");
        assertThat(StateValues.text(0.1f, number)).isEqualTo("0.1");
        assertThat(StateValues.text(20.0, number)).isEqualTo("20");
        assertThat(StateValues.text(UInteger.valueOf(4_000_000_000L), number)).isEqualTo("4000000000");
        assertThat(StateValues.text(1e21, number)).isEqualTo("1000000000000000000000");
        assertThat(StateValues.text(true, StateValues.variant("false"))).isEqualTo("true");
    }

    @Test
    void anotherTypeAndWhatTheStateCannotHoldIsRefused() {
        Variant number = StateValues.variant("1");
        assertThatThrownBy(() -> StateValues.text("1", number)).hasMessageContaining("Bad_TypeMismatch");
        assertThatThrownBy(() -> StateValues.text(null, number)).hasMessageContaining("Bad_TypeMismatch");
        assertThatThrownBy(() -> StateValues.text(Double.NaN, number)).isInstanceOf(UaException.class);
        assertThatThrownBy(() -> StateValues.text("", StateValues.variant("x"))).isInstanceOf(UaException.class);
    }
}
