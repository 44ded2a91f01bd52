package io.bactrian.support.timer;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.ContextServicePlugin;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Looks after the {@code quartz:bactrian/...} endpoints of any CamelContext that has this jar: see {@link
 * IntervalTriggers}. Camel finds it by itself. Nothing runs until there is such an endpoint.
 */
public final class TimerPlugin implements ContextServicePlugin {
    private static final String OURS = "quartz://" + IntervalTriggers.GROUP + "/";

    @Override
    public void load(CamelContext context) {
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public synchronized void onEndpointAdd(Endpoint endpoint) {
                if (endpoint.getEndpointUri().startsWith(OURS) && context.hasService(IntervalTriggers.class) == null) {
                    try {
                        context.addService(new IntervalTriggers(context, System::currentTimeMillis), true, true);
                    } catch (Exception e) {
                        throw RuntimeCamelException.wrapRuntimeCamelException(e);
                    }
                }
            }
        });
    }
}
