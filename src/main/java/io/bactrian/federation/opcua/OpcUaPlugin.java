package io.bactrian.federation.opcua;

import io.bactrian.federation.device.DeviceDesk;
import io.bactrian.federation.routes.FederationNode;
import io.bactrian.federation.routes.HistoryStore;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.ContextServicePlugin;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the beans of the routes {@code serve-opcua} and of field devices. Camel finds it by
 * itself. Nothing is read or opened, and no class of OPC UA is needed, until a route uses one of them.
 */
public final class OpcUaPlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        Beans beans = new Beans(context);
        context.getRegistry().bind("bactrianOpcUa", OpcUaService.class, beans::server);
        context.getRegistry().bind("bactrianOpcUaDevice", OpcUaDevice.class, beans::opcUaDevice);
    }

    private static final class Beans {
        private final CamelContext context;
        private @Nullable OpcUaService server;
        private @Nullable OpcUaDevice opcUaDevice;

        private Beans(CamelContext context) {
            this.context = context;
        }

        private synchronized OpcUaService server() {
            OpcUaService made = server;
            if (made == null) {
                made = new OpcUaService(
                        context,
                        find("bactrianFederation", FederationNode.class),
                        find("bactrianHistory", HistoryStore.class));
                try {
                    made.liveWith(context);
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
                server = made;
            }
            return made;
        }

        private synchronized OpcUaDevice opcUaDevice() {
            OpcUaDevice made = opcUaDevice;
            if (made == null) {
                made = new OpcUaDevice(find("bactrianDevice", DeviceDesk.class));
                opcUaDevice = made;
            }
            return made;
        }

        private <T> T find(String name, Class<T> type) {
            T bean = context.getRegistry().lookupByNameAndType(name, type);
            if (bean == null) {
                throw new IllegalStateException(
                        "no bean " + name + ": OPC UA is served by a node of a federation only");
            }
            return bean;
        }
    }
}
