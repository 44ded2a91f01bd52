package io.bactrian.pubsub.routes;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.Ordered;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.model.Model;
import org.apache.camel.spi.ContextServicePlugin;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.support.LifecycleStrategySupport;
import org.jspecify.annotations.Nullable;

/**
 * Makes any CamelContext that has this jar ready for the shipped routes: a default for every {@code bactrian.} property,
 * weaker than any other source, and the beans that the routes of a hub name. Camel finds it by itself. Nothing is opened until
 * somebody asks for one of the beans by its name.
 */
public final class HubPlugin implements ContextServicePlugin {
    private static final String DEFAULTS = "/io/bactrian/config/application.properties";
    private static final String KEYS = "bactrian.";

    @Override
    public void load(CamelContext context) {
        context.getPropertiesComponent().addPropertiesSource(new Defaults(defaults()));
        HubBeans beans = new HubBeans(context);
        context.getCamelContextExtension().addContextPlugin(HubBeans.class, beans);
        context.addLifecycleStrategy(new BeforeRoutes(beans));
    }

    /**
     * The hub of a context that has no route of one: an offline backup needs its log and its database alone.
     *
     * @throws IllegalArgumentException if the configuration is wrong, with every problem
     */
    public static Hub hub(CamelContext context) {
        return context.getCamelContextExtension()
                .getContextPlugin(HubBeans.class)
                .hub();
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

    /** A context that is to be a hub looks at its whole configuration, as the first route would stop the start with the first problem. */
    private static final class BeforeRoutes extends LifecycleStrategySupport {
        private final HubBeans beans;

        private BeforeRoutes(HubBeans beans) {
            this.beans = beans;
        }

        @Override
        public void onContextInitializing(CamelContext context) {
            beans.bind();
            // A context that is being built, when plugins are loaded, has no model yet.
            Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
            if (model != null
                    && model.getRouteDefinitions().stream()
                            .anyMatch(route -> HubLastShutdownStrategy.GROUP.equals(route.getGroup()))) {
                HubSettings.of(context);
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
