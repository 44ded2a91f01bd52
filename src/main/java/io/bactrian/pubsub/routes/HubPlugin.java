package io.bactrian.pubsub.routes;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Ordered;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.ContextServicePlugin;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.jspecify.annotations.Nullable;

/**
 * Makes any CamelContext that has this jar ready for the shipped routes: a default for every {@code bactrian.} property,
 * weaker than any other source, and the beans that the routes name. Camel finds it by itself. Nothing is opened until a
 * route uses one of the beans.
 *
 * <p>The beans are bound as suppliers in every context, and not only where a route of a hub is: Camel tells of a route after it
 * has looked up the beans of its steps, and of a route that is added to a running context not at all before. A repository that
 * answers for the names alone cannot be added to a registry that has no other, as {@code DefaultRegistry.addBeanRepository} of
 * Camel 4.17 fails there. So a look-up of beans by a type that the hub has, such as {@code Object}, makes the hub.
 */
public final class HubPlugin implements ContextServicePlugin {
    private static final String DEFAULTS = "/io/bactrian/config/application.properties";
    private static final String KEYS = "bactrian.";
    private static final Set<String> BEANS =
            Set.of("bactrianHub", "bactrianIntake", "bactrianFeed", "bactrianRetention", "bactrianPlainPeers");

    @Override
    public void load(CamelContext context) {
        context.getPropertiesComponent().addPropertiesSource(new Defaults(defaults()));
        context.addLifecycleStrategy(new CheckBeforeRoutes());
        OnlyOne hub = new OnlyOne(context);
        Registry registry = context.getRegistry();
        bind(registry, "bactrianHub", Hub.class, hub, Function.identity());
        bind(registry, "bactrianIntake", Intake.class, hub, Hub::intake);
        bind(registry, "bactrianFeed", Feed.class, hub, Hub::feed);
        bind(registry, "bactrianRetention", Hub.class, hub, Function.identity());
        bind(registry, "bactrianPlainPeers", PlainPeers.class, hub, Hub::plainPeers);
    }

    private static <T> void bind(Registry registry, String name, Class<T> type, OnlyOne hub, Function<Hub, T> bean) {
        registry.bind(name, type, () -> bean.apply(hub.get()));
    }

    /** Every key of Bactrian with its default. */
    static Properties defaults() {
        Properties properties = new Properties();
        try (InputStream in = HubPlugin.class.getResourceAsStream(DEFAULTS)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + DEFAULTS);
            }
            properties.load(in);
        } catch (IOException e) {
            throw new RuntimeCamelException("cannot read " + DEFAULTS, e);
        }
        return properties;
    }

    /**
     * Has a context that is to be a hub look at its whole configuration before a route is made of it, as the first route
     * would stop the start with the first problem.
     */
    private static final class CheckBeforeRoutes extends LifecycleStrategySupport {
        @Override
        public void onContextInitializing(CamelContext context) {
            if (context instanceof ModelCamelContext model
                    && model.getRouteDefinitions().stream().anyMatch(CheckBeforeRoutes::isOfHub)) {
                HubSettings.of(context);
            }
        }

        private static boolean isOfHub(RouteDefinition route) {
            return ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), BeanDefinition.class).stream()
                    .anyMatch(bean -> bean.getRef() != null && BEANS.contains(bean.getRef()));
        }
    }

    /** The hub of a context, made at the first use. */
    private static final class OnlyOne {
        private final CamelContext context;
        private @Nullable Hub hub;

        private OnlyOne(CamelContext context) {
            this.context = context;
        }

        private synchronized Hub get() {
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

    /** The defaults; Camel asks every other source first. */
    private record Defaults(Properties properties) implements PropertiesSource, Ordered {
        @Override
        public String getName() {
            return "BactrianDefaults";
        }

        @Override
        public @Nullable String getProperty(String name) {
            return name.startsWith(KEYS) ? properties.getProperty(name) : null;
        }

        @Override
        public int getOrder() {
            return Ordered.LOWEST;
        }
    }
}
