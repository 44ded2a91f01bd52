package io.bactrian.gateway.routes;

import io.netty.handler.codec.DecoderException;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Verticle;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of the gateway, for the endpoints of one platform-http component. Camel's own server offers no bounds for
 * connections and times, and there is one in a context; this one has them, and there is one for each role. It answers 503 until
 * {@link #open} is called, so that nobody is told that something does not exist because a route has not started.
 */
final class GatewayHttpServer extends ServiceSupport {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayHttpServer.class);
    private static final int EVENT_LOOPS = Math.min(4, Runtime.getRuntime().availableProcessors());
    private static final long SWEEP_MS = 500;
    private static final long BIND_TIMEOUT_S = 30;
    private static final int BACKLOG = 4_096;
    private static final int REQUEST_LINE_MAX = 4_096;
    private static final int HEADERS_BYTES_MAX = 8_192;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int SERVER_ERROR = 500;
    private static final Pattern FORM =
            Pattern.compile("\\s*(application/x-www-form-urlencoded|multipart/)", Pattern.CASE_INSENSITIVE);

    private final CamelContext context;
    private final GatewayHttpSettings settings;
    private final ConnectionLimiter limiter;
    private final LargeBodies largeBodies;
    private final PageAccess pages;
    private @Nullable Vertx vertx;
    private volatile boolean open;

    GatewayHttpServer(CamelContext context, GatewayHttpSettings settings) {
        this.context = context;
        this.settings = settings;
        this.limiter =
                new ConnectionLimiter(settings.connectionsMax(), settings.requestTimeoutMs(), settings.idleTimeoutMs());
        this.largeBodies = new LargeBodies(settings.bodyBytesMax(), settings.largeBytesMax());
        this.pages = new PageAccess(settings.host(), !settings.apiKey().isEmpty(), settings.hosts());
    }

    ConnectionLimiter limiter() {
        return limiter;
    }

    LargeBodies largeBodies() {
        return largeBodies;
    }

    PageAccess pages() {
        return pages;
    }

    GatewayHttpSettings settings() {
        return settings;
    }

    /** Lets requests through to the routes. */
    void open() {
        open = true;
    }

    @Override
    protected void doStart() throws Exception {
        Vertx started = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(EVENT_LOOPS)
                .setWorkerPoolSize(settings.threads())
                // A slow database is told by our own figures and not by a trace of each thread that waits for it.
                .setBlockedThreadCheckInterval(1)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.HOURS));
        vertx = started;
        Router router = Router.router(started);
        router.route().handler(limiter::requested);
        router.route().handler(this::admit);
        router.route().handler(GatewayHttpServer::takeNoForm);
        router.route().handler(largeBodies::requested);
        router.route().failureHandler(GatewayHttpServer::failed);
        for (int status : new int[] {BAD_REQUEST, 404, 405, 413, SERVER_ERROR}) {
            router.errorHandler(status, GatewayHttpServer::explain);
        }
        int port = settings.ports().get(0);
        String name = VertxPlatformHttpRouter.getRouterNameFromPort(port);
        BodyHandler bodies = BodyHandler.create(false).setBodyLimit(settings.bodyBytesMax());
        VertxPlatformHttpServerConfiguration configuration = new VertxPlatformHttpServerConfiguration();
        configuration.setBindHost(settings.host());
        configuration.setBindPort(port);
        context.getRegistry()
                .bind(
                        name,
                        new VertxPlatformHttpRouter(new VertxPlatformHttpServer(configuration), started, router, name) {
                            @Override
                            public Handler<RoutingContext> bodyHandler() {
                                return bodies;
                            }
                        });
        started.setPeriodic(SWEEP_MS, id -> limiter.sweep());
        for (int each : settings.ports()) {
            listen(started, router, each);
        }
    }

    private void listen(Vertx started, Router router, int port) throws Exception {
        HttpServerOptions options = new HttpServerOptions()
                .setAcceptBacklog(BACKLOG)
                .setMaxInitialLineLength(REQUEST_LINE_MAX)
                .setMaxHeaderSize(HEADERS_BYTES_MAX)
                .setHandle100ContinueAutomatically(true)
                // With it, a connection that sends nothing would not be seen, and not be bounded.
                .setHttp2ClearTextEnabled(false)
                // Nobody opens a WebSocket here, and each request would be looked at for one.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setCompressionSupported(false);
        if (settings.tls()) {
            options.setSsl(true)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(settings.certificateFile())
                            .setKeyPath(settings.keyFile()));
        }
        try {
            // An instance for each event loop. Without verticles, all servers that one thread makes share one event
            // loop.
            started.deployVerticle(
                            () -> listener(options, router, port), new DeploymentOptions().setInstances(EVENT_LOOPS))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(BIND_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(
                    "The " + settings.name() + " cannot listen on " + settings.host() + ":" + port + " ("
                            + cause.getMessage() + "); choose another address or port",
                    e);
        }
        LOG.info(
                "{} listens address={}://{}:{}",
                settings.name(),
                settings.tls() ? "https" : "http",
                settings.host(),
                port);
    }

    private Verticle listener(HttpServerOptions options, Router router, int port) {
        return new AbstractVerticle() {
            @Override
            public void start(Promise<Void> started) {
                vertx.createHttpServer(options)
                        .connectionHandler(limiter::connected)
                        .requestHandler(router)
                        .listen(port, settings.host())
                        .<Void>mapEmpty()
                        .onComplete(started);
            }
        };
    }

    private void admit(RoutingContext request) {
        if (!open) {
            HttpAnswers.end(request, HttpAnswers.UNAVAILABLE, "Not ready yet. Try again later.");
            return;
        }
        Optional<String> foreign = pages.refusal(request);
        if (foreign.isPresent()) {
            HttpAnswers.end(request, HttpAnswers.FORBIDDEN, foreign.get());
        } else if (!isPublic(request.normalizedPath())
                && !isKey(request.request().getHeader("X-API-Key"))) {
            HttpAnswers.end(request, UNAUTHORIZED, "The header X-API-Key is missing or wrong.");
        } else {
            request.next();
        }
    }

    /**
     * No path takes a form, but many clients call every body one unless they are told otherwise. Vert.x would read it as one, with the bounds of
     * forms.
     */
    private static void takeNoForm(RoutingContext request) {
        String type = request.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (type != null && FORM.matcher(type).lookingAt()) {
            request.request().headers().remove(HttpHeaders.CONTENT_TYPE);
        }
        request.next();
    }

    /** A browser that opens the page cannot send a key; the page asks for it. */
    private boolean isPublic(String path) {
        return settings.apiKey().isEmpty() || path.equals("/try") || path.equals("/openapi.json");
    }

    /** Compares in a time that tells nothing. */
    private boolean isKey(@Nullable String key) {
        return key != null
                && MessageDigest.isEqual(
                        key.getBytes(StandardCharsets.UTF_8), settings.apiKey().getBytes(StandardCharsets.UTF_8));
    }

    /** A request has failed before its route began, or in it. */
    private static void failed(RoutingContext request) {
        Throwable failure = request.failure();
        if (failure instanceof HttpClosedException) {
            // The client has gone in the middle of its request, as phones do: there is nobody to answer.
            LOG.debug("a client has gone in the middle of a request", failure);
        } else if (failure instanceof IllegalArgumentException || failure instanceof DecoderException) {
            // A path that cannot be decoded, or the sizes of chunks: then nobody knows where the next request would
            // begin.
            LOG.debug("a request is malformed", failure);
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            explain(request, BAD_REQUEST);
        } else {
            if (failure != null && status(request) >= SERVER_ERROR) {
                LOG.error("cannot answer path={}", request.normalizedPath(), failure);
            }
            explain(request, status(request));
        }
    }

    /** Vert.x gives no status with what it finds before any handler, such as a path that cannot be decoded. */
    private static int status(RoutingContext request) {
        int status = request.statusCode();
        if (status > 0) {
            return status;
        }
        return request.failure() instanceof HttpException refused ? refused.getStatusCode() : SERVER_ERROR;
    }

    private static void explain(RoutingContext request) {
        explain(request, status(request));
    }

    private static void explain(RoutingContext request, int status) {
        if (request.response().ended()
                || request.response().headWritten()
                || request.response().closed()) {
            return;
        }
        String text = switch (status) {
            case 400 -> "The request is malformed.";
            case 404 -> "There is nothing at this path.";
            case 405 ->
                "This path does not take the method " + request.request().method() + ".";
            case 413 -> "The body of the request is too large.";
            default -> "The gateway failed to answer; its log says why.";
        };
        HttpAnswers.end(request, status, text);
    }

    @Override
    protected void doStop() throws Exception {
        open = false;
        Vertx started = vertx;
        if (started != null) {
            vertx = null;
            VertxInternals.stopAccepting(started);
            started.close().toCompletionStage().toCompletableFuture().get(BIND_TIMEOUT_S, TimeUnit.SECONDS);
        }
    }
}
