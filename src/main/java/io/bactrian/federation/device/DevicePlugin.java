package io.bactrian.federation.device;

import io.bactrian.federation.routes.FederationNode;
import io.bactrian.support.config.SettingsReader;
import io.bactrian.support.context.FirstUse;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextServicePlugin;

/**
 * Gives any CamelContext that has this jar the beans of the routes to a field device. Camel finds it by itself. Nothing is read
 * or opened, and no class of a protocol is needed, until a route uses one of them.
 */
public final class DevicePlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        FirstUse<DeviceDesk> desk = new FirstUse<>(context, () -> desk(context));
        FirstUse<ModbusDevice> modbus = new FirstUse<>(context, () -> modbus(context, desk.get()));
        context.getRegistry().bind("bactrianDevice", DeviceDesk.class, desk::get);
        context.getRegistry().bind("bactrianModbusDevice", ModbusDevice.class, modbus::get);
    }

    private static DeviceDesk desk(CamelContext context) {
        FederationNode node = context.getRegistry().lookupByNameAndType("bactrianFederation", FederationNode.class);
        if (node == null) {
            throw new IllegalStateException("a field device belongs to a node of a federation: run the role node");
        }
        return new DeviceDesk(node, DevicePoints.read(Path.of(settings(context).text("points"))));
    }

    private static ModbusDevice modbus(CamelContext context, DeviceDesk desk) {
        SettingsReader in = settings(context);
        ModbusDevice device =
                new ModbusDevice(desk, in.text("address"), in.number("unit", 0, 255), in.number("timeoutMs", 1));
        in.check();
        return device;
    }

    private static SettingsReader settings(CamelContext context) {
        return new SettingsReader(context, "the field device", "bactrian.device.");
    }
}
