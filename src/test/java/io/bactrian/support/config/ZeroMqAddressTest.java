package io.bactrian.support.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZeroMqAddressTest {
    @ParameterizedTest
    @CsvSource({
        "tcp://127.0.0.1:5570, 127.0.0.1, 5570",
        "tcp://*:1, *, 1",
        "tcp://[::1]:65535, [::1], 65535",
        "tcp://[fe80::1%eth0]:80, [fe80::1%eth0], 80",
        "tcp://a-b.example:0, a-b.example, 0"
    })
    void aTcpAddressHasAHostAndAPort(String text, String host, int port) {
        assertThat(ZeroMqAddress.tcp(text)).contains(new ZeroMqAddress.Tcp(host, port));
        assertThat(ZeroMqAddress.hostAndPort(text.substring("tcp://".length())))
                .contains(new ZeroMqAddress.Tcp(host, port));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:*", "tcp://a:65536", "tcp://a", "tcp://:1", "ipc:///tmp/a:1", "a:1", ""})
    void whatNamesNoPortOfTcpHasNone(String text) {
        assertThat(ZeroMqAddress.tcp(text)).isEmpty();
    }
}
