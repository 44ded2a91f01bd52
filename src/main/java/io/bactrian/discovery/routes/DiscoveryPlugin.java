package io.bactrian.discovery.routes;

import io.bactrian.support.service.ServiceDirectory;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.ContextServicePlugin;
import org.apache.camel.spi.Registry;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the beans of the routes in {@code routes/discovery/}, set by the properties that
 * begin with {@code bactrian.discovery.}. Camel finds it by itself. Nothing is opened until a route uses one of the beans.
 */
public final class DiscoveryPlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        OnlyOne router = new OnlyOne(context);
        Registry registry = context.getRegistry();
        bind(registry, "bactrianRouter", RouterNode.class, router, Function.identity());
        bind(registry, "bactrianRegistrar", Registrar.class, router, it -> new Registrar(it, new Queries(it)));
        bind(registry, "bactrianNodes", Queries.class, router, Queries::new);
        OnlyOneNode node = new OnlyOneNode(context);
        registry.bind("bactrianNode", NodeAgent.class, node::agent);
        registry.bind("bactrianAssigned", AssignedRoutePolicy.class, node::policy);
        registry.bind(ServiceDirectory.BEAN, ServiceDirectory.class, node::directory);
        bind(registry, "bactrianAnnouncer", Announcer.class, router, Announcer::new);
    }

    private static <T> void bind(
            Registry registry, String name, Class<T> type, OnlyOne router, Function<RouterNode, T> bean) {
        registry.bind(name, type, () -> bean.apply(router.get()));
    }

    /** This process as a node, made at the first use. */
    private static final class OnlyOneNode {
        private final CamelContext context;
        private @Nullable NodeAgent agent;
        private @Nullable AssignedRoutePolicy policy;
        private @Nullable RegistryDirectory directory;

        private OnlyOneNode(CamelContext context) {
            this.context = context;
        }

        private synchronized NodeAgent agent() {
            NodeAgent made = agent;
            if (made == null) {
                made = RegistrationSettings.agent(context);
                try {
                    made.liveWith(context);
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
                agent = made;
            }
            return made;
        }

        private synchronized RegistryDirectory directory() {
            RegistryDirectory made = directory;
            if (made == null) {
                made = RegistrationSettings.directory(context);
                try {
                    context.addService(made, true, true);
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
                directory = made;
            }
            return made;
        }

        private synchronized AssignedRoutePolicy policy() {
            AssignedRoutePolicy made = policy;
            if (made == null) {
                made = new AssignedRoutePolicy(agent());
                policy = made;
            }
            return made;
        }
    }

    /** The router of a context, made at the first use. */
    private static final class OnlyOne {
        private final CamelContext context;
        private @Nullable RouterNode router;

        private OnlyOne(CamelContext context) {
            this.context = context;
        }

        private synchronized RouterNode get() {
            RouterNode made = router;
            if (made == null) {
                made = new RouterNode(context);
                try {
                    made.liveWith(context);
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
                router = made;
            }
            return made;
        }
    }
}
