package io.bactrian.discovery.routes;

import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.support.CamelContextHelper;

/** The component {@code discovery-http}: platform-http at the server of the queries, which it starts. */
public final class DiscoveryHttpComponent extends PlatformHttpComponent {
    @Override
    protected void doInit() throws Exception {
        super.doInit();
        RouterNode router = CamelContextHelper.mandatoryLookup(getCamelContext(), "bactrianRouter", RouterNode.class);
        DiscoverySettings settings = router.settings();
        DiscoveryHttpServer server =
                new DiscoveryHttpServer(getCamelContext(), settings.httpHost(), settings.httpPort(), router.watchers());
        server.start();
        getCamelContext().addService(server, true, false);
        setEngine(new Engine(settings.httpPort()));
    }

    /** Binds the endpoints of one component to the router of one server. */
    private static final class Engine extends VertxPlatformHttpEngine {
        private final int port;

        private Engine(int port) {
            this.port = port;
        }

        /** By this number the endpoints find their router. */
        @Override
        public int getServerPort() {
            return port;
        }

        /** Not the engine of the context. */
        @Override
        protected void doInit() {}
    }
}
