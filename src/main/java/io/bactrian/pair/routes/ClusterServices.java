package io.bactrian.pair.routes;

import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.cluster.CamelClusterService;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Makes the cluster service that properties declare ({@code camel.beans.NAME=#class:...}) that of the context, so that routes
 * for one node at a time go from a pair to another cluster service and back without Java. Camel does so by itself for those
 * that an application binds before it is configured, which beans of properties are not.
 */
final class ClusterServices extends LifecycleStrategySupport {
    @Override
    public void onContextInitializing(CamelContext context) {
        for (CamelClusterService service : context.getRegistry().findByType(CamelClusterService.class)) {
            try {
                if (!context.hasService(service)) {
                    context.addService(service);
                }
            } catch (Exception e) {
                throw RuntimeCamelException.wrapRuntimeCamelException(e);
            }
        }
    }
}
