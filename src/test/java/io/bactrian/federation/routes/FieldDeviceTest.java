package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.federation.core.SetRequest;
import io.bactrian.testing.CutLink;
import io.bactrian.testing.Ports;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pair at a single level with one field device, which is a server of node-opcua. Nobody else can vote for a takeover. */
@Tag("slow")
class FieldDeviceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PRIMARY = "nodes.root[primary]";
    private static final String BACKUP = "nodes.root[backup]";

    @TempDir
    Path folder;

    private TestFederation federation;
    private OpcUaPeer device;
    private CutLink link;

    @BeforeEach
    void prepare() throws Exception {
        federation = new TestFederation(folder, """
                nodes:
                  root:
                    owns: [tunnel]
                    primary:
                      ports: primary
                    backup:
                      ports: backup
                """);
        int port = Ports.free();
        device = new OpcUaPeer("opcua-device.js", folder, Integer.toString(port));
        // The example of the manual.
        String page = Files.readString(Path.of("docs/federation/opc-ua.md"));
        String begin = "```yaml\ndevice: ";
        int at = page.indexOf(begin) + "```yaml\n".length();
        Files.writeString(folder.resolve("points.yaml"), page.substring(at, page.indexOf("```", at)));
        federation
                .roles("node", "device-opcua")
                .set("bactrian.federation.silence", "2s")
                .set("bactrian.device.address", "opc.tcp://127.0.0.1:" + port)
                .set("bactrian.device.points", folder.resolve("points.yaml").toString())
                .set("bactrian.device.intervalMs", "50");
    }

    @AfterEach
    void stop() throws Exception {
        federation.close();
        device.close();
        if (link != null) {
            link.close();
        }
    }

    /** The backup reaches the primary through a link that can be cut. */
    private void startPair() throws Exception {
        federation.start(PRIMARY);
        link = new CutLink(federation.port("primary south"));
        String text = Files.readString(federation.topology());
        Path other = folder.resolve("backup.yaml");
        Files.writeString(
                other, text.replace("southPort: " + federation.port("primary south"), "southPort: " + link.port()));
        federation.set("bactrian.federation.topology", other.toString()).start(BACKUP);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation.value(BACKUP, "nodes.root.active"))
                        .as(federation::figures)
                        .isEqualTo("primary"));
    }

    private void awaitValue(String node, String key, String value) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation.value(node, key))
                        .as(() -> key + " at " + node + federation.figures())
                        .isEqualTo(value));
    }

    private String command(String node, String key, String value) throws Exception {
        return federation
                .node(node)
                .command("state@nodes.root", "test", SetRequest.octets(key, 0, value.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void theActiveReadsAndWritesAndTheLifeSignKeepsThePassiveFromTakingOver() throws Exception {
        startPair();
        awaitValue(BACKUP, "tunnel.speed", "10.5");
        awaitValue(BACKUP, "tunnel.running", "true");
        device.ask("set", "name", "Speed", "value", 11.25);
        awaitValue(BACKUP, "tunnel.speed", "11.25");
        awaitValue(PRIMARY, "nodes.root.devices.plc.status", "reached");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation
                                .application(PRIMARY)
                                .context()
                                .getRegistry()
                                .lookupByNameAndType("bactrianHistory", HistoryStore.class)
                                .csv("tunnel.speed", null, null, null))
                        .contains(",10.5,", ",11.25,"));

        assertThat(command(PRIMARY, "tunnel.setpoint", "2.5")).isEqualTo("tunnel.setpoint");
        assertThat(device.ask("get", "name", "Setpoint").asDouble()).isEqualTo(2.5);
        awaitValue(BACKUP, "tunnel.setpoint", "2.5");
        assertThatThrownBy(() -> command(PRIMARY, "tunnel.setpoint", "fast"))
                .isInstanceOf(CommandRefusedException.class)
                .hasMessageContaining("tunnel.setpoint is a number, not 'fast'");
        assertThatThrownBy(() -> command(PRIMARY, "tunnel.speed", "1")).hasMessageContaining("write: true");

        link.close();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(federation.node(BACKUP).reachable()).isEmpty());
        int writes = device.ask("writes", "name", "Life").asInt();
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(device.ask("writes", "name", "Life").asInt())
                                .as("the life sign goes on for several times the silence")
                                .isGreaterThan(writes + 60));
        assertThat(federation.node(BACKUP).active()).isFalse();
        assertThat(federation.node(PRIMARY).active()).isTrue();

        federation.stop(PRIMARY);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation.node(BACKUP).active())
                        .as(federation::figures)
                        .isTrue());
        device.ask("set", "name", "Speed", "value", 12);
        awaitValue(BACKUP, "tunnel.speed", "12");
        assertThat(command(BACKUP, "tunnel.setpoint", "3")).isEqualTo("tunnel.setpoint");
        assertThat(device.ask("get", "name", "Setpoint").asDouble()).isEqualTo(3);
    }

    @Test
    @Tag("campaign")
    void aDeviceThatIsNotReachedIsAnAlarm() throws Exception {
        startPair();
        awaitValue(PRIMARY, "nodes.root.devices.plc.status", "reached");
        device.close();
        awaitValue(PRIMARY, "nodes.root.devices.plc.status", "unreached");
        assertThat(federation.value(PRIMARY, "nodes.root.alarms.device-plc")).startsWith("open");
        assertThat(federation.node(PRIMARY).oldPoints()).contains("tunnel.speed");
        assertThatThrownBy(() -> command(PRIMARY, "tunnel.setpoint", "4"))
                .isInstanceOf(CommandRefusedException.class)
                .hasMessageContaining("the device plc has not taken tunnel.setpoint at ns=1;s=Setpoint");
    }
}
