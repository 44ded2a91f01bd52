package io.bactrian.support.context;

import org.apache.camel.CamelContext;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;

/**
 * The base of a bean of routes that lives as long as its context. It is no {@link org.apache.camel.Service} itself: Camel
 * stops a bean that is one with each route that names it, so one route that is stopped would end it for all others.
 */
public abstract class ContextLife {
    private final ServiceSupport service = new ServiceSupport() {
        @Override
        protected void doStart() throws Exception {
            lifeBegins();
        }

        @Override
        protected void doStop() throws Exception {
            lifeEnds();
        }
    };

    /** Begins with the context, at once if that runs, and ends with it. */
    public final void liveWith(CamelContext context) throws Exception {
        context.addService(service, true, true);
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onContextStopping(CamelContext stopping) {
                lifeIsToEnd();
            }
        });
    }

    /** Ends it before the context stops. */
    public final void endLife() {
        ServiceHelper.stopService(service);
    }

    /** True from the begin to the end. */
    protected final boolean lives() {
        return service.isRunAllowed();
    }

    /** Begins; once. */
    protected void lifeBegins() throws Exception {}

    /** Takes leave while routes and endpoints still work. */
    protected void lifeIsToEnd() {}

    /** Ends, when no route runs any more; once. */
    protected void lifeEnds() throws Exception {}
}
