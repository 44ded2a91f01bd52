package io.bactrian.federation.routes;

import io.bactrian.support.context.FirstUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextServicePlugin;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.support.LifecycleStrategySupport;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the bean of the routes in {@code routes/federation/}, and the properties {@code
 * bactrian.node.*} that a node derives from the topology. Camel finds it by itself. Nothing is read or opened until a route
 * uses one of them.
 */
public final class FederationPlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        Beans beans = new Beans(context);
        context.getPropertiesComponent().addPropertiesSource(beans);
        context.getRegistry().bind("bactrianFederation", FederationNode.class, beans.node::get);
        context.getRegistry().bind("bactrianTopology", TopologyReloader.class, beans.reloader::get);
        context.getRegistry().bind("bactrianStateRequests", new StateRequests());
        context.getRegistry().bind("bactrianHistory", HistoryStore.class, beans.history::get);
        context.addLifecycleStrategy(new DatabaseOfNodes(beans));
    }

    /**
     * Binds the database of the history in a context that is to be a node, and in no other: Camel gives the only DataSource of
     * a registry to every component that wants one.
     */
    private static final class DatabaseOfNodes extends LifecycleStrategySupport {
        private final Beans beans;

        private DatabaseOfNodes(Beans beans) {
            this.beans = beans;
        }

        @Override
        public void onContextInitializing(CamelContext context) {
            String node = context.getPropertiesComponent()
                    .resolveProperty(FederationSettings.KEYS + "node")
                    .orElse("");
            if (!node.isBlank()) {
                context.getRegistry()
                        .bind(
                                "bactrianHistoryDatabase",
                                DataSource.class,
                                () -> beans.history.get().dataSource());
            }
        }
    }

    /** What the topology says of the node of a context, read at the first use, and its beans. */
    private static final class Beans implements PropertiesSource {
        private final CamelContext context;
        private @Nullable FederationSettings settings;
        private @Nullable NodeProperties properties;
        private final FirstUse<FederationNode> node;
        private final FirstUse<HistoryStore> history;
        private final FirstUse<TopologyReloader> reloader;

        private Beans(CamelContext context) {
            this.context = context;
            node = new FirstUse<>(context, this::makeNode);
            history = new FirstUse<>(
                    context,
                    () -> new HistoryStore(
                            NodeProperties.folder(settings().data(), settings().self())));
            reloader = new FirstUse<>(context, () -> new TopologyReloader(context, settings(), node, this::change));
        }

        private FederationNode makeNode() {
            FederationSettings known = settings();
            return new FederationNode(
                    context, known, NodeKeys.signatures(known.topology(), known.self(), known.keys()));
        }

        @Override
        public String getName() {
            return "BactrianNode";
        }

        @Override
        public @Nullable String getProperty(String name) {
            if (!name.startsWith(NodeProperties.PREFIX)) {
                return null;
            }
            settings();
            NodeProperties known = properties;
            return known == null ? null : known.values().get(name.substring(NodeProperties.PREFIX.length()));
        }

        private synchronized FederationSettings settings() {
            FederationSettings known = settings;
            if (known == null) {
                known = FederationSettings.of(context);
                settings = known;
                use(known);
            }
            return known;
        }

        private synchronized void change(FederationSettings changed) {
            settings = changed;
            use(changed);
        }

        private void use(FederationSettings known) {
            properties = NodeProperties.of(known.topology(), known.self(), known.data(), known.keys());
            if (known.topology().curve()) {
                try {
                    NodeKeys.write(known.topology(), known.self(), known.data());
                } catch (IOException e) {
                    throw new UncheckedIOException("the keys of the neighbours cannot be written", e);
                }
            }
        }
    }
}
