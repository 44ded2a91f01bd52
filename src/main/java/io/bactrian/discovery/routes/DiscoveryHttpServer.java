package io.bactrian.discovery.routes;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of the queries. Camel's own would go on without a word if its port is in use, and there is one in a process;
 * this one fails its start, and other roles may have theirs.
 */
final class DiscoveryHttpServer extends ServiceSupport {
    private static final Logger LOG = LoggerFactory.getLogger(DiscoveryHttpServer.class);
    private static final long KEEP_ALIVE_MS = 10_000;
    private static final long TIMEOUT_S = 30;
    /** A connection on which nothing moves is closed; those who watch get a comment more often. */
    private static final int IDLE_S = 60;

    private static final long BODY_BYTES_MAX = 1_024;
    private static final int LINE_MAX = 4_096;
    private static final String WATCH = "/discovery/watch";

    private final CamelContext context;
    private final String host;
    private final int port;
    private final NodeWatchers watchers;
    private @Nullable Vertx vertx;

    DiscoveryHttpServer(CamelContext context, String host, int port, NodeWatchers watchers) {
        this.context = context;
        this.host = host;
        this.port = port;
        this.watchers = watchers;
    }

    @Override
    protected void doStart() throws Exception {
        Vertx started = Vertx.vertx();
        vertx = started;
        Router router = Router.router(started);
        // Not a route of Camel: an answer that goes on for hours would hold up its stop.
        // What is asked wrongly costs no trace in the log.
        for (int status : new int[] {400, 404, 405, 413, 500}) {
            router.errorHandler(status, request -> explain(status, request));
        }
        router.get(WATCH).handler(watchers::open);
        started.setPeriodic(KEEP_ALIVE_MS, id -> watchers.keepAlive());
        String name = VertxPlatformHttpRouter.getRouterNameFromPort(port);
        BodyHandler bodies = BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX);
        VertxPlatformHttpServer unused = new VertxPlatformHttpServer(new VertxPlatformHttpServerConfiguration());
        context.getRegistry().bind(name, new VertxPlatformHttpRouter(unused, started, router, name) {
            @Override
            public Handler<RoutingContext> bodyHandler() {
                return bodies;
            }
        });
        try {
            started.createHttpServer(new HttpServerOptions()
                            .setMaxInitialLineLength(LINE_MAX)
                            .setIdleTimeout(IDLE_S))
                    .requestHandler(router)
                    .listen(port, host)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(
                    "Queries over HTTP cannot be answered at " + host + ":" + port + " (" + cause.getMessage()
                            + "); choose another address with bactrian.discovery.http.host and port",
                    e);
        }
        LOG.info("queries are answered at http://{}:{}/discovery/nodes", host, port);
    }

    private static void explain(int status, RoutingContext request) {
        if (!request.response().ended() && !request.response().headWritten()) {
            request.response()
                    .setStatusCode(status)
                    .putHeader("Content-Type", "application/json")
                    .end(RegistrationJson.wrapped(
                                    "error", "nothing is answered to this request; see docs/discovery/openapi.yaml")
                            .toJson());
        }
    }

    @Override
    protected void doStop() throws Exception {
        watchers.close();
        Vertx started = vertx;
        if (started != null) {
            vertx = null;
            started.close().toCompletionStage().toCompletableFuture().get(TIMEOUT_S, TimeUnit.SECONDS);
        }
    }
}
