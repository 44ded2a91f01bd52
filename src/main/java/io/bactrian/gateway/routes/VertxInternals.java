package io.bactrian.gateway.routes;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that the gateway uses of Vert.x beyond its public classes: the channel of a connection, for the {@link RequestBrake}, and the
 * event loops that accept connections. The public classes of Vert.x 4 offer neither. Where another version of Vert.x is on the class path and
 * lacks one of them, the gateway works on without what needs it, and the log says that once.
 */
final class VertxInternals {
    private static final Logger LOG = LoggerFactory.getLogger(VertxInternals.class);
    private static final long TIMEOUT_S = 30;
    private static final AtomicBoolean TOLD = new AtomicBoolean();

    private VertxInternals() {}

    /** Puts a brake on a connection, on whose event loop this is called. */
    static void brake(HttpConnection connection) {
        try {
            if (connection instanceof ConnectionBase base) {
                ChannelHandlerContext last = base.channelHandlerContext();
                last.pipeline().addBefore(last.name(), RequestBrake.class.getSimpleName(), new RequestBrake());
            } else {
                missing("a connection is a " + connection.getClass().getName());
            }
        } catch (LinkageError e) {
            missing(e.toString());
        }
    }

    private static void missing(String what) {
        if (TOLD.compareAndSet(false, true)) {
            LOG.warn(
                    "a client that sends requests without reading the answers is not held back: the gateway does not know"
                            + " this version of Vert.x ({}); use the one that the gateway comes with",
                    what);
        }
    }

    /**
     * Has connections that come now wait until the socket is closed. Vert.x takes the event loops away before it closes the socket,
     * and each connection that came in between would be a trace in the log.
     */
    static void stopAccepting(Vertx vertx) throws Exception {
        try {
            if (vertx instanceof VertxInternal internal) {
                for (EventExecutor each : internal.getAcceptorEventLoopGroup()) {
                    if (each instanceof SingleThreadEventLoop loop) {
                        loop.submit(() -> loop.registeredChannelsIterator()
                                        .forEachRemaining(
                                                channel -> channel.config().setAutoRead(false)))
                                .get(TIMEOUT_S, TimeUnit.SECONDS);
                    }
                }
            }
        } catch (LinkageError e) {
            LOG.debug("connections that come during the stop are cut off", e);
        }
    }
}
