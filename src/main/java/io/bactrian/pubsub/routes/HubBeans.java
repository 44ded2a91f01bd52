package io.bactrian.pubsub.routes;

import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.jspecify.annotations.Nullable;

/** The beans of a hub by their names. The hub is made when the first of them is asked for. Thread-safe. */
final class HubBeans {
    private final CamelContext context;
    private @Nullable Hub hub;

    HubBeans(CamelContext context) {
        this.context = context;
    }

    /** Binds them, so that whoever looks for a type makes no hub. A bean that the application has under a name stays. */
    void bind() {
        bind("bactrianHub", () -> hub());
        bind("bactrianRetention", () -> hub());
        bind("bactrianIntake", () -> hub().intake());
        bind("bactrianFeed", () -> hub().feed());
        bind("bactrianPlainPeers", () -> hub().plainPeers());
    }

    private void bind(String name, Supplier<Object> bean) {
        if (context.getRegistry().lookupByName(name) == null) {
            context.getRegistry().bind(name, Object.class, bean);
        }
    }

    /** The hub of the context, made at the first use. */
    synchronized Hub hub() {
        Hub made = hub;
        if (made == null) {
            made = new Hub(context);
            try {
                made.liveWith(context);
            } catch (Exception e) {
                made.abandon();
                throw RuntimeCamelException.wrapRuntimeCamelException(e);
            }
            context.getManagementStrategy().addEventNotifier(new StopsBeforeItsLog(made));
            hub = made;
        }
        return made;
    }

    /** Camel stops endpoints, and so the log, before services: a hub that is to write its last checkpoint stops before both. */
    private static final class StopsBeforeItsLog extends SimpleEventNotifierSupport {
        private final Hub hub;

        private StopsBeforeItsLog(Hub hub) {
            this.hub = hub;
        }

        @Override
        public void notify(CamelEvent event) {
            if (event instanceof CamelEvent.CamelContextRoutesStoppedEvent) {
                hub.endLife();
            }
        }
    }
}
