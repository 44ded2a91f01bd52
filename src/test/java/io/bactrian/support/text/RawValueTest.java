package io.bactrian.support.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.zeromq.ZeroMqEndpoint;
import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an endpoint gets as its option is what was quoted. */
class RawValueTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/plain",
                "/a b+c",
                "/50%41",
                "/a&b=c",
                "/f(1)/n%41&x=1+y z",
                "/f(1)/%bA",
                "/{a}/%41",
                "/RAW(x)/%41",
                "/größe?#"
            })
    void reachesTheEndpointUnchanged(String text) throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.start();
            ZeroMqEndpoint endpoint = context.getEndpoint(
                    "zeromq:dealer:tcp://127.0.0.1:5555?security=curve&curveKeyFile=" + RawValue.of(text),
                    ZeroMqEndpoint.class);
            assertThat(endpoint.getConfiguration().getCurveKeyFile()).isEqualTo(text);
        }
    }

    @Test
    void refusesWhatNeitherFormKeeps() {
        assertThatThrownBy(() -> RawValue.of("/a)/b}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("both ) and }");
        for (String text : List.of("/a%25b", "/$simple{body}", "/a\nb", "/a\rb")) {
            assertThatThrownBy(() -> RawValue.of(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("choose a name without %25, $simple{ and line breaks");
        }
    }
}
