package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.federation.core.SetRequest;
import io.bactrian.testing.Ports;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with a field device that speaks Modbus TCP: a server of modbus-serial. */
@Tag("system")
class ModbusDeviceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROOT = "nodes.root";
    private static final String SPEED = "ns=2;s=pump.speed";

    @TempDir
    Path folder;

    @Test
    void registersAndCoilsAreReadAndWrittenAlsoAfterTheDeviceWasAway() throws Exception {
        String port = Integer.toString(Ports.free());
        String opcuaPort = Integer.toString(Ports.free());
        Files.writeString(folder.resolve("points.yaml"), """
                device: plc
                life: { address: "holding-register:100", type: UInt16 }
                points:
                  - { key: pump.speed, address: "holding-register:1", type: UInt16, write: true, record: true }
                  - { key: pump.level, address: "holding-register:11", type: Float, write: true }
                  - { key: pump.total, address: "holding-register:21", type: UInt32, write: true }
                  - { key: pump.temperature, address: "input-register:1", type: Int16 }
                  - { key: pump.on, address: "coil:4", type: Boolean, write: true }
                """);
        try (TestFederation federation = new TestFederation(folder, """
                        nodes:
                          root:
                            owns: [pump]
                            ports: root
                        """)) {
            OpcUaPeer device = new OpcUaPeer("modbus-device.js", folder, port);
            try {
                device.ask("set", "address", 0, "value", 65_000);
                device.ask("set", "address", "input 0", "value", 0xfff6);
                federation
                        .roles("node", "device-modbus", "opcua")
                        .set("bactrian.federation.opcua.port", opcuaPort)
                        .set("bactrian.federation.opcua.policies", "None")
                        .set("bactrian.federation.opcua.anonymous", "write")
                        .set("bactrian.federation.opcua.refreshMs", "50")
                        .set("bactrian.device.address", "127.0.0.1:" + port)
                        .set(
                                "bactrian.device.points",
                                folder.resolve("points.yaml").toString())
                        .set("bactrian.device.intervalMs", "50")
                        .start(ROOT);
                awaitValue(federation, "pump.speed", "65000");
                awaitValue(federation, "pump.temperature", "-10");
                awaitValue(federation, "pump.on", "false");
                set(federation, "pump.speed", "1500");
                set(federation, "pump.level", "2.5");
                set(federation, "pump.total", "100000");
                set(federation, "pump.on", "true");
                assertThat(device.ask("get", "address", 0).asInt()).isEqualTo(1500);
                assertThat(device.ask("get", "address", 10).asInt()).isEqualTo(0x4020);
                assertThat(device.ask("get", "address", 20).asInt()).isEqualTo(1);
                assertThat(device.ask("get", "address", 21).asInt()).isEqualTo(34_464);
                assertThat(device.ask("getCoil", "address", 3).asBoolean()).isTrue();
                assertThat(federation.value(ROOT, "pump.level")).isEqualTo("2.5");
                assertThatThrownBy(() -> set(federation, "pump.speed", "70000"))
                        .hasMessageContaining("pump.speed is a whole number from 0 to 65535, not 70000");
                int life = device.ask("get", "address", 99).asInt();
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(
                                        device.ask("get", "address", 99).asInt())
                                .isNotEqualTo(life));
            } finally {
                device.close();
            }
            awaitValue(federation, "nodes.root.devices.plc.status", "unreached");
            assertThatThrownBy(() -> set(federation, "pump.speed", "1"))
                    .hasMessageContaining("the device plc has not taken pump.speed");
            try (OpcUaPeer client = new OpcUaPeer("opcua-client.js", folder)) {
                client.ask("connect", "name", "c", "url", "opc.tcp://127.0.0.1:" + opcuaPort);
                awaitStatus(client, "UncertainNoCommunicationLastUsableValue");
                assertThat(client.ask("write", "name", "c", "node", SPEED, "type", "Double", "value", 5)
                                .asText())
                        .isEqualTo("BadDeviceFailure");
                again(federation, port);
                awaitStatus(client, "Good");
            }
        }
    }

    private void again(TestFederation federation, String port) throws Exception {
        try (OpcUaPeer again = new OpcUaPeer("modbus-device.js", folder, port)) {
            again.ask("set", "address", 0, "value", 7);
            awaitValue(federation, "nodes.root.devices.plc.status", "reached");
            awaitValue(federation, "pump.speed", "7");
        }
    }

    private static void awaitStatus(OpcUaPeer client, String status) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(client.ask("read", "name", "c", "node", SPEED)
                                .get("status")
                                .asText())
                        .isEqualTo(status));
    }

    private static void awaitValue(TestFederation federation, String key, String value) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation.value(ROOT, key))
                        .as(() -> key + federation.figures())
                        .isEqualTo(value));
    }

    private static void set(TestFederation federation, String key, String value) throws Exception {
        federation
                .node(ROOT)
                .command("state@nodes.root", "test", SetRequest.octets(key, 0, value.getBytes(StandardCharsets.UTF_8)));
    }
}
