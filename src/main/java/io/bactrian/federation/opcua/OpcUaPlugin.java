package io.bactrian.federation.opcua;

import io.bactrian.federation.device.DeviceDesk;
import io.bactrian.federation.routes.FederationNode;
import io.bactrian.federation.routes.HistoryStore;
import io.bactrian.support.context.FirstUse;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextServicePlugin;

/**
 * Gives any CamelContext that has this jar the beans of the routes {@code serve-opcua} and of field devices. Camel finds it by
 * itself. Nothing is read or opened, and no class of OPC UA is needed, until a route uses one of them.
 */
public final class OpcUaPlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        FirstUse<OpcUaService> server = new FirstUse<>(
                context,
                () -> new OpcUaService(
                        context,
                        find(context, "bactrianFederation", FederationNode.class),
                        find(context, "bactrianHistory", HistoryStore.class)));
        FirstUse<OpcUaDevice> device =
                new FirstUse<>(context, () -> new OpcUaDevice(find(context, "bactrianDevice", DeviceDesk.class)));
        context.getRegistry().bind("bactrianOpcUa", OpcUaService.class, server::get);
        context.getRegistry().bind("bactrianOpcUaDevice", OpcUaDevice.class, device::get);
    }

    private static <T> T find(CamelContext context, String name, Class<T> type) {
        T bean = context.getRegistry().lookupByNameAndType(name, type);
        if (bean == null) {
            throw new IllegalStateException("no bean " + name + ": OPC UA is served by a node of a federation only");
        }
        return bean;
    }
}
