package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.zeromq.socket.SocketKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The generated metadata, as tools use it through Camel's catalogue. */
class CatalogTest {
    private final DefaultCamelCatalog catalog = new DefaultCamelCatalog();

    @BeforeEach
    void addComponent() throws IOException {
        try (InputStream json = CatalogTest.class.getResourceAsStream("/META-INF/io/bactrian/zeromq/zeromq.json")) {
            assertThat(json).isNotNull();
            catalog.addComponent(
                    "zeromq", ZeroMqComponent.class.getName(), new String(json.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static Stream<String> addresses() {
        return Stream.of(
                "tcp://127.0.0.1:5570",
                "tcp://*:5570",
                "tcp://127.0.0.1:*",
                "tcp://[::1]:5570",
                "tcp://hub.example.com:5570",
                "ipc:///tmp/bactrian.sock",
                "inproc://hub",
                "tcp://10.0.0.1:5570,tcp://10.0.0.2:5570",
                "tcp://[::1]:1,ipc:///tmp/a,inproc://b");
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void everyFormOfAddressGoesRoundThroughTheCatalogue(String address) throws URISyntaxException {
        for (SocketKind kind : SocketKind.values()) {
            Map<String, String> options = new LinkedHashMap<>();
            options.put("target", kind + ":" + address);
            options.put("linger", "5s");
            options.put("pendingQueue", "10");
            String uri = catalog.asEndpointUri("zeromq", options, false);
            assertThat(uri).startsWith("zeromq:" + kind + ":" + address + "?");
            assertThat(catalog.endpointProperties(uri)).containsExactlyInAnyOrderEntriesOf(options);
            assertThat(catalog.validateEndpointProperties(uri).isSuccess()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void everyFormOfAddressReachesTheEndpoint(String address) throws IOException {
        try (var context = ZeroMqTest.context()) {
            context.start();
            ZeroMqEndpoint endpoint =
                    context.getEndpoint("zeromq:pull:" + address + "?linger=5s", ZeroMqEndpoint.class);
            assertThat(endpoint.getConfiguration().getTarget()).isEqualTo("pull:" + address);
            assertThat(endpoint.getConfiguration().getLinger()).isEqualTo(5_000);
            assertThat(ZeroMqSettings.of(endpoint.getConfiguration()).addresses())
                    .containsExactly(address.split(","));
        }
    }

    @ParameterizedTest
    @MethodSource("addresses")
    @ShowsEffectOf("address")
    void everyFormOfAddressCanBeAnOption(String address) throws Exception {
        Map<String, String> options = Map.of("target", "pull", "address", address);
        String uri = catalog.asEndpointUri("zeromq", options, false);
        assertThat(catalog.endpointProperties(uri)).containsExactlyInAnyOrderEntriesOf(options);
        try (var context = ZeroMqTest.context()) {
            context.start();
            ZeroMqEndpoint endpoint = context.getEndpoint(uri, ZeroMqEndpoint.class);
            assertThat(ZeroMqSettings.of(endpoint.getConfiguration()).addresses())
                    .containsExactly(address.split(","));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zeromq:pull:tcp://a:1?batchSize=x", "zeromq:pull:tcp://a:1?no=1"})
    void wrongUrisAreRefusedByTheCatalogue(String uri) {
        assertThat(catalog.validateEndpointProperties(uri).isSuccess()).isFalse();
    }

    @Test
    void everyOptionAndHeaderIsDescribed() {
        var model = catalog.componentModel("zeromq");
        assertThat(model.getEndpointOptions())
                .hasSizeGreaterThan(30)
                .allSatisfy(option ->
                        assertThat(option.getDescription()).as(option.getName()).isNotBlank());
        assertThat(model.getEndpointHeaders()).hasSize(8).allSatisfy(header -> {
            assertThat(header.getName()).startsWith("CamelZeroMq");
            assertThat(header.getDescription()).isNotBlank();
        });
    }
}
