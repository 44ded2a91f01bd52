package io.bactrian.gateway.routes;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds what large bodies of requests and large answers take together while they come, wait and go. Small ones do not count: there
 * is one of each at a connection, and connections are bounded. So clients that send much, or do not read what they asked for, keep
 * memory from each other and not from those who post heartbeats of the usual size. Any thread.
 */
final class LargeBodies {
    /** The largest that does not count, in octets. */
    static final int SMALL = 16 * 1_024;

    static final String REFUSED = "Too many large bodies are under way. Try again later.";

    private final int bodyMax;
    private final long octetsMax;
    private final AtomicLong octets = new AtomicLong();
    final LongAdder refused = new LongAdder();

    /**
     * Counts nothing yet.
     *
     * @param bodyMax the largest body of a request, in octets; larger ones are refused elsewhere
     * @param octetsMax how many octets there may be at a time
     */
    LargeBodies(int bodyMax, long octetsMax) {
        this.bodyMax = bodyMax;
        this.octetsMax = octetsMax;
    }

    /** The head of a request has come; a large body is counted until the answer has gone. */
    void requested(RoutingContext context) {
        long size = announced(context.request());
        if (size > bodyMax || size <= SMALL) {
            context.next();
        } else if (take(size)) {
            context.addEndHandler(ended -> release(size));
            context.next();
        } else {
            context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            HttpAnswers.end(context, HttpAnswers.UNAVAILABLE, REFUSED);
        }
    }

    /** A body without a length may become as large as any. */
    private long announced(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) ? bodyMax : 0;
        }
        try {
            return Long.parseLong(length);
        } catch (NumberFormatException e) {
            // Vert.x has refused what is no number.
            return 0;
        }
    }

    /** Counts so many octets; false if there are too many then. */
    boolean take(long size) {
        if (octets.addAndGet(size) > octetsMax) {
            octets.addAndGet(-size);
            refused.increment();
            return false;
        }
        return true;
    }

    void release(long size) {
        octets.addAndGet(-size);
    }

    /** How many octets are counted. */
    long octets() {
        return octets.get();
    }
}
