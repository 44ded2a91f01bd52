package io.bactrian.app.management;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.AuthenticationHandler;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before every path of the management server and lets through what the policy allows. What it refuses is counted,
 * and logged once a minute.
 */
final class ManagementAuthentication implements AuthenticationHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ManagementAuthentication.class);
    private static final long LOG_EVERY_NS = TimeUnit.MINUTES.toNanos(1);
    private static final int PATH_SHOWN_MAX = 100;

    private final ManagementPolicy policy;
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong loggedNs = new AtomicLong(System.nanoTime() - LOG_EVERY_NS);

    ManagementAuthentication(ManagementPolicy policy) {
        this.policy = policy;
    }

    /** How many requests were refused. */
    long refused() {
        return refused.get();
    }

    @Override
    public void handle(RoutingContext exchange) {
        HttpServerRequest asked = exchange.request();
        ManagementRequest request = new ManagementRequest(
                asked.method().name(),
                asked.path() == null ? "" : asked.path(),
                host(asked),
                asked.getHeader("Origin"),
                asked.getHeader("Sec-Fetch-Site"),
                asked.getHeader("Authorization"),
                asked.getHeader(ManagementPolicy.TOKEN_HEADER));
        Optional<ManagementPolicy.Refusal> refusal = policy.refusal(request);
        if (refusal.isEmpty()) {
            exchange.response().putHeader("X-Content-Type-Options", "nosniff").putHeader("Cache-Control", "no-store");
            exchange.next();
            return;
        }
        refuse(exchange, request, refusal.get());
    }

    /** With HTTP/2 it is not a header. */
    private static @Nullable String host(HttpServerRequest asked) {
        return asked.authority() == null ? null : asked.authority().toString();
    }

    private void refuse(RoutingContext exchange, ManagementRequest request, ManagementPolicy.Refusal refusal) {
        long so = refused.incrementAndGet();
        long now = System.nanoTime();
        long last = loggedNs.get();
        if (now - last >= LOG_EVERY_NS && loggedNs.compareAndSet(last, now)) {
            LOG.warn(
                    "management request refused method={} path={} status={} reason=\"{}\" refusedSoFar={}",
                    printable(request.method()),
                    printable(request.path()),
                    refusal.status(),
                    refusal.reason(),
                    so);
        }
        if (refusal.status() == 401) {
            exchange.response().putHeader("WWW-Authenticate", "Basic realm=\"bactrian\", charset=\"UTF-8\"");
        }
        exchange.response()
                .setStatusCode(refusal.status())
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(refusal.reason() + "\n");
    }

    private static String printable(String text) {
        String shown = text.length() > PATH_SHOWN_MAX ? text.substring(0, PATH_SHOWN_MAX) + "..." : text;
        return shown.replaceAll("[^\\x21-\\x7e]", "?");
    }
}
