package io.bactrian.gateway.routes;

import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/** Binds the endpoints of one platform-http component to the router of one {@link GatewayHttpServer}. */
final class GatewayHttpEngine extends VertxPlatformHttpEngine {
    private final GatewayHttpServer server;
    private final int port;

    GatewayHttpEngine(GatewayHttpServer server) {
        this.server = server;
        this.port = server.settings().ports().get(0);
    }

    /** By this number the endpoints find their router. */
    @Override
    public int getServerPort() {
        return port;
    }

    /** Not the engine of the context: there is one for each of our components. */
    @Override
    protected void doInit() {}

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new GatewayHttpConsumer(
                endpoint,
                processor,
                VertxPlatformHttpRouter.getRouterNameFromPort(port),
                server.largeBodies(),
                endpoint.getComponent() instanceof GatewayHttpComponent component && component.onEventLoop(endpoint));
    }
}
