package io.bactrian.federation.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.federation.device.Point.Type;
import java.util.List;
import org.apache.camel.component.milo.client.MiloClientEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** The file of a field device, and the values that it takes. */
class DevicePointsTest {
    @Test
    void allProblemsOfAFileAreListed() {
        assertThatThrownBy(() -> DevicePoints.parse("points.yaml", """
                        device: the plc
                        lives: yes
                        points:
                          - { key: a.b, address: "coil:1", type: Bool }
                          - { key: a.b, address: 7, type: Float, write: maybe }
                        """))
                .hasMessageContaining("points.yaml: ")
                .hasMessageContaining("the file.lives is not known")
                .hasMessageContaining("device = 'the plc'")
                .hasMessageContaining("points[0].type = 'Bool'")
                .hasMessageContaining("points[1].address: give a text")
                .hasMessageContaining("points[1].write = 'maybe'")
                .hasMessageContaining("points[1].key: a.b is there twice");
        assertThatThrownBy(() -> DevicePoints.parse("points.yaml", "device: [")).hasMessageContaining("is no YAML");
        assertThatThrownBy(() -> DevicePoints.parse("points.yaml", "device: a")).hasMessageContaining("points: give");
    }

    @Test
    void anAddressReachesTheClientUnchangedOrIsAProblemOfTheFile() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.start();
            for (String address :
                    List.of("ns=1;s=Speed", "ns=1;s=Belt (left)&x=1", "ns=1;s=f(1)%41+b", "ns=1;s={a}%")) {
                String uri = "milo-client:opc.tcp://127.0.0.1:4840?node="
                        + new Point("a", address, Type.FLOAT, true, false).quotedAddress();
                assertThat(context.getEndpoint(uri, MiloClientEndpoint.class).getNode())
                        .isEqualTo(address);
            }
        }
        assertThatThrownBy(() -> DevicePoints.parse(
                        "points.yaml", "device: plc\npoints: [{ key: a, address: 'ns=1;s=)}', type: Float }]"))
                .hasMessageContaining("points[0].address: ns=1;s=)} cannot be an option of a Camel URI");
    }

    @Test
    void aValueThatTheDeviceCannotHoldIsRefused() {
        assertThat(point(Type.INT16).value("-32768")).isEqualTo(-32_768L);
        assertThat(point(Type.UINT32).value("4294967295")).isEqualTo(4_294_967_295L);
        assertThat(point(Type.INT32).value("5.0")).isEqualTo(5L);
        assertThat(point(Type.FLOAT).value("2.5")).isEqualTo(2.5f);
        assertThatThrownBy(() -> point(Type.INT16).value("32768"))
                .hasMessageContaining("from -32768 to 32767, not 32768");
        assertThatThrownBy(() -> point(Type.UINT16).value("-1")).hasMessageContaining("from 0 to 65535");
        assertThatThrownBy(() -> point(Type.INT32).value("1.5")).hasMessageContaining("whole number");
        assertThatThrownBy(() -> point(Type.BOOLEAN).value("1")).hasMessageContaining("true or false");
        assertThatThrownBy(() -> point(Type.DOUBLE).value("fast")).hasMessageContaining("is a number");
    }

    private static Point point(Type type) {
        return new Point("a.b", "x", type, true, false);
    }
}
