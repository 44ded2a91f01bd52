package io.bactrian.gateway.routes;

import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds what connections may cost: how many there are, how long a request may take to come, and how long a connection may be
 * idle. A client that sends its request an octet at a time ("slow loris") gains nothing by it, because the time runs from the
 * connection or the last answer and not from the last octet. Called by event loops and one sweeping thread.
 */
final class ConnectionLimiter {
    private final int connectionsMax;
    private final long requestNs;
    private final long idleNs;
    private final Map<HttpConnection, Deadline> deadlines = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    final LongAdder refused = new LongAdder();
    final LongAdder timedOut = new LongAdder();

    ConnectionLimiter(int connectionsMax, long requestTimeoutMs, long idleTimeoutMs) {
        this.connectionsMax = connectionsMax;
        this.requestNs = TimeUnit.MILLISECONDS.toNanos(requestTimeoutMs);
        this.idleNs = TimeUnit.MILLISECONDS.toNanos(idleTimeoutMs);
    }

    /** When a connection is closed unless it moves on. */
    private static final class Deadline {
        private volatile long atNs;

        Deadline(long atNs) {
            this.atNs = atNs;
        }
    }

    int open() {
        return open.get();
    }

    /** A connection has come; it is closed at once if there are too many. */
    void connected(HttpConnection connection) {
        if (open.incrementAndGet() > connectionsMax) {
            open.decrementAndGet();
            refused.increment();
            connection.close();
            return;
        }
        deadlines.put(connection, new Deadline(System.nanoTime() + requestNs));
        VertxInternals.brake(connection);
        connection.closeHandler(closed -> {
            if (deadlines.remove(connection) != null) {
                open.decrementAndGet();
            }
        });
    }

    /** The head of a request has come. */
    void requested(RoutingContext context) {
        Deadline deadline = deadlines.get(context.request().connection());
        if (deadline != null) {
            deadline.atNs = System.nanoTime() + requestNs;
            context.addEndHandler(ended -> deadline.atNs = System.nanoTime() + idleNs);
        }
        context.next();
    }

    /** Closes those whose time is over. */
    void sweep() {
        long nowNs = System.nanoTime();
        deadlines.forEach((connection, deadline) -> {
            if (deadline.atNs - nowNs < 0) {
                timedOut.increment();
                connection.close();
            }
        });
    }
}
