package io.bactrian.discovery.routes;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who follow the changes over HTTP as server-sent events. One that does not read in time is let go, so what waits for
 * it is bounded. Thread-safe.
 */
final class NodeWatchers {
    private static final Logger LOG = LoggerFactory.getLogger(NodeWatchers.class);
    private static final int TOO_MANY = 503;

    private final int max;
    private final List<HttpServerResponse> watchers = new CopyOnWriteArrayList<>();

    NodeWatchers(int max) {
        this.max = max;
    }

    int size() {
        return watchers.size();
    }

    /** Takes a request that is answered until its peer goes. */
    void open(RoutingContext request) {
        HttpServerResponse response = request.response();
        if (watchers.size() >= max) {
            response.setStatusCode(TOO_MANY)
                    .putHeader("Content-Type", "application/json")
                    .end(RegistrationJson.wrapped("error", "not more than " + max + " may watch at once")
                            .toJson());
            return;
        }
        response.closeHandler(closed -> watchers.remove(response));
        response.exceptionHandler(failed -> watchers.remove(response));
        response.setChunked(true).putHeader("Content-Type", "text/event-stream").putHeader("Cache-Control", "no-cache");
        watchers.add(response);
        write(response, ": watching\n\n");
    }

    void tell(String event, String json) {
        String text = "event: " + event + "\ndata: " + json + "\n\n";
        for (HttpServerResponse watcher : watchers) {
            write(watcher, text);
        }
    }

    /** A comment, by which proxies and peers see that the connection lives. */
    void keepAlive() {
        for (HttpServerResponse watcher : watchers) {
            write(watcher, ": still here\n\n");
        }
    }

    private void write(HttpServerResponse watcher, String text) {
        if (watcher.closed() || watcher.ended()) {
            watchers.remove(watcher);
        } else if (watcher.writeQueueFull()) {
            LOG.info("a watcher is let go that does not read in time");
            watchers.remove(watcher);
            watcher.reset();
        } else {
            // A connection that ends meanwhile is taken out by its own handler.
            watcher.write(text).onFailure(failed -> watchers.remove(watcher));
        }
    }

    void close() {
        for (HttpServerResponse watcher : watchers) {
            if (!watcher.ended()) {
                watcher.end();
            }
        }
        watchers.clear();
    }
}
