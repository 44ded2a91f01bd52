package io.bactrian.discovery.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrationSettingsTest {
    @Test
    void aPortIsGivenAloneOrByAnAddress() {
        assertThat(RegistrationSettings.ports(List.of("a=1", "b=tcp://*:2", "c=host:3", "d=tcp://[::1]:4")))
                .isEqualTo(Map.of("port.a", "1", "port.b", "2", "port.c", "3", "port.d", "4"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a=", "=1", "a=tcp://*:*", "a=ipc:///a", "a=65536", "a=x"})
    void whatNamesNoPortIsRefusedWithWhatWouldBeRight(String text) {
        assertThatThrownBy(() -> RegistrationSettings.ports(List.of(text)))
                .hasMessageContaining("bactrian.discovery.node.ports holds " + text)
                .hasMessageContaining("publish=5570");
    }
}
