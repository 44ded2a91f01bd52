package io.bactrian.federation.device;

import io.bactrian.federation.routes.FederationNode;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.ContextServicePlugin;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the beans of the routes to a field device. Camel finds it by itself. Nothing is read
 * or opened, and no class of a protocol is needed, until a route uses one of them.
 */
public final class DevicePlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        Beans beans = new Beans(context);
        context.getRegistry().bind("bactrianDevice", DeviceDesk.class, beans::desk);
        context.getRegistry().bind("bactrianModbusDevice", ModbusDevice.class, beans::modbus);
    }

    private static final class Beans {
        private final CamelContext context;
        private @Nullable DeviceDesk desk;
        private @Nullable ModbusDevice modbus;

        private Beans(CamelContext context) {
            this.context = context;
        }

        private String text(String key) {
            return context.resolvePropertyPlaceholders("{{bactrian.device." + key + "}}")
                    .strip();
        }

        private synchronized DeviceDesk desk() {
            DeviceDesk made = desk;
            if (made == null) {
                FederationNode node =
                        context.getRegistry().lookupByNameAndType("bactrianFederation", FederationNode.class);
                if (node == null) {
                    throw new IllegalStateException(
                            "a field device belongs to a node of a federation: run the role node");
                }
                made = new DeviceDesk(node, DevicePoints.read(Path.of(text("points"))));
                desk = made;
            }
            return made;
        }

        private synchronized ModbusDevice modbus() {
            ModbusDevice made = modbus;
            if (made == null) {
                made = new ModbusDevice(
                        desk(), text("address"), Integer.parseInt(text("unit")), Long.parseLong(text("timeoutMs")));
                try {
                    made.liveWith(context);
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
                modbus = made;
            }
            return made;
        }
    }
}
