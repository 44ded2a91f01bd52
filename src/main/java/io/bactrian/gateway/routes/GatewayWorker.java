package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BadRequestException;
import io.bactrian.gateway.core.Heartbeat;
import io.bactrian.gateway.core.HeartbeatMemory.Look;
import io.bactrian.gateway.core.HeartbeatReader;
import io.bactrian.gateway.core.HeartbeatWriter;
import io.bactrian.pubsub.client.BactrianConstants;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConstants;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bean of the routes of a worker, with a method for each path. Any thread. */
public final class GatewayWorker {
    static final String NO_DATA = "Error - Data not found. Try again later.";

    private static final Logger LOG = LoggerFactory.getLogger(GatewayWorker.class);
    private static final Pattern IDS = Pattern.compile("\\d{1,18}(,\\d{1,18}){0,9999}");

    private final WorkerStore store;
    private final WorkerRegistration registration;
    private final HeartbeatReader reader;
    private final LongSupplier clock;
    private final String group;

    final LongAdder accepted = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder failed = new LongAdder();

    GatewayWorker(WorkerStore store, WorkerRegistration registration, WorkerSettings settings, LongSupplier clock) {
        this.store = store;
        this.registration = registration;
        this.reader = new HeartbeatReader(settings.depthMax(), settings.bodyBytesMax());
        this.clock = clock;
        this.group = settings.group();
    }

    /** {@code GET /} and {@code /index}: says that a worker is here. */
    public void index(Exchange exchange) {
        HttpAnswers.message(exchange, HttpAnswers.OK, "Hello world, I am a worker.");
    }

    /** {@code GET /ready}: 200 if heartbeats are taken and read, 503 while the database does not answer. */
    public void ready(Exchange exchange) {
        boolean failing = store.failing();
        HttpAnswers.message(
                exchange,
                failing ? HttpAnswers.UNAVAILABLE : HttpAnswers.OK,
                failing ? "The database does not answer" : "Ready");
    }

    /** {@code POST /heartbeat}, first step: the body becomes a {@link Heartbeat}, or the answer is 400 and the route ends. */
    public void read(Exchange exchange) {
        try {
            exchange.getMessage()
                    .setBody(reader.read(HttpAnswers.body(exchange), address(exchange), clock.getAsLong()));
        } catch (BadRequestException e) {
            refused.increment();
            HttpAnswers.message(exchange, HttpAnswers.BAD_REQUEST, String.valueOf(e.getMessage()));
            exchange.setRouteStop(true);
        }
    }

    /** Before the hub: the heartbeat becomes JSON, and its topic {@code <group>/<id>} a header. */
    public void publication(Exchange exchange) {
        Heartbeat heartbeat = (Heartbeat) exchange.getMessage().getBody();
        exchange.getMessage().setHeader(BactrianConstants.TOPIC, group + "/" + heartbeat.id());
        exchange.getMessage().setBody(HeartbeatWriter.write(heartbeat).getBytes(StandardCharsets.UTF_8));
    }

    /** The hub has not accepted it: the route ends here. */
    public void notPublished(Exchange exchange) {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        exchange.getMessage().removeHeader(BactrianConstants.TOPIC);
        unavailable(
                exchange, "publish the heartbeat", failure == null ? new IllegalStateException("unknown") : failure);
        exchange.setRouteStop(true);
    }

    /**
     * {@code POST /heartbeat}, last step: takes the {@link Heartbeat} that is the body, and answers. It waits for nobody: what it
     * returns is done when the heartbeat is where it must be.
     */
    public CompletionStage<@Nullable Void> keep(Exchange exchange) {
        Heartbeat heartbeat = (Heartbeat) exchange.getMessage().getBody();
        CompletableFuture<@Nullable Void> put = store.put(heartbeat, port(exchange));
        if (put.isDone() && !put.isCompletedExceptionally()) {
            kept(exchange, heartbeat, null);
            return EventLoops.DONE;
        }
        return put.handleAsync(
                (done, failure) -> {
                    kept(exchange, heartbeat, failure);
                    return null;
                },
                EventLoops.here());
    }

    private void kept(Exchange exchange, Heartbeat heartbeat, @Nullable Throwable failure) {
        if (failure != null) {
            unavailable(exchange, "take the heartbeat of producer " + heartbeat.id(), failure);
            return;
        }
        accepted.increment();
        HttpAnswers.message(exchange, HttpAnswers.OK, "Producer(" + heartbeat.id() + ") heartbeat updated");
    }

    /** {@code GET /get_data/{id}}: the newest heartbeat of a producer, as JSON. */
    public CompletionStage<@Nullable Void> getData(Exchange exchange) {
        long id = PathNumbers.id(exchange);
        if (id < 0) {
            PathNumbers.notFound(exchange);
            return EventLoops.DONE;
        }
        Look look = store.look(id);
        if (look.found() != null) {
            answer(exchange, Optional.of(look.found()));
            return EventLoops.DONE;
        }
        return EventLoops.run(() -> {
            try {
                answer(exchange, store.load(id, look));
            } catch (SQLException | RuntimeException e) {
                unavailable(exchange, "read the data of producer " + id, e);
            }
        });
    }

    /**
     * {@code GET /get_data_location/{location}}: the newest heartbeat of a place, as JSON. Whatever a worker has of it
     * in memory only
     * is written first. Waiting for that takes no thread, because the others may wait for this worker.
     */
    public CompletionStage<@Nullable Void> getDataLocation(Exchange exchange) {
        String location = String.valueOf(exchange.getMessage().getHeader("location"));
        if (!HeartbeatReader.isLocation(location)) {
            answer(exchange, Optional.empty());
            return EventLoops.DONE;
        }
        Executor loop = EventLoops.here();
        return registration
                .flush(location)
                .handleAsync((done, failure) -> failure, loop)
                .thenCompose(failure -> {
                    if (failure != null) {
                        unavailable(exchange, "ask a balancer for what other workers have of a location", failure);
                        return EventLoops.DONE;
                    }
                    return EventLoops.run(() -> findAt(exchange, location));
                });
    }

    private void findAt(Exchange exchange, String location) {
        try {
            answer(exchange, store.findAt(location));
        } catch (SQLException | RuntimeException e) {
            unavailable(exchange, "read the data of a location", e);
        }
    }

    /** {@code POST /flush} with locations, one in a line: what is in memory only of them is written. */
    public CompletionStage<@Nullable Void> flush(Exchange exchange) {
        Optional<Set<String>> locations = Locations.of(exchange);
        if (locations.isEmpty()) {
            return EventLoops.DONE;
        }
        return store.flushAt(locations.get())
                .handleAsync(
                        (done, failure) -> {
                            if (failure == null) {
                                HttpAnswers.message(exchange, HttpAnswers.OK, "Written");
                            } else {
                                unavailable(exchange, "write the data of locations that are asked for", failure);
                            }
                            return null;
                        },
                        EventLoops.here());
    }

    /** {@code POST /release} with ids and commas: a balancer gives these producers to another worker. */
    public void release(Exchange exchange) {
        String body = new String(HttpAnswers.body(exchange), StandardCharsets.US_ASCII);
        if (!IDS.matcher(body).matches()) {
            HttpAnswers.message(
                    exchange, HttpAnswers.BAD_REQUEST, "The body must be ids of producers with commas between them.");
            return;
        }
        List<Long> ids = new ArrayList<>();
        for (String id : List.of(body.split(","))) {
            ids.add(Long.valueOf(id));
        }
        try {
            store.release(ids);
            HttpAnswers.message(exchange, HttpAnswers.OK, "Released");
        } catch (SQLException | RuntimeException e) {
            unavailable(exchange, "write the data of producers that another worker gets", e);
        }
    }

    private static void answer(Exchange exchange, Optional<Heartbeat> found) {
        if (found.isPresent()) {
            HttpAnswers.json(exchange, HeartbeatWriter.write(found.get()));
        } else {
            HttpAnswers.message(exchange, HttpAnswers.BAD_REQUEST, NO_DATA);
        }
    }

    private void unavailable(Exchange exchange, String what, Throwable e) {
        failed.increment();
        LOG.debug("cannot {}", what, e);
        HttpAnswers.message(exchange, HttpAnswers.UNAVAILABLE, "The worker cannot " + what + " now. Try again later.");
    }

    private static int port(Exchange exchange) {
        return exchange.getMessage().getHeader(VertxPlatformHttpConstants.LOCAL_ADDRESS) instanceof SocketAddress here
                ? here.port()
                : 0;
    }

    private static String address(Exchange exchange) {
        return exchange.getMessage().getHeader(VertxPlatformHttpConstants.REMOTE_ADDRESS) instanceof SocketAddress peer
                        && peer.hostAddress() != null
                ? peer.hostAddress()
                : "unknown";
    }
}
