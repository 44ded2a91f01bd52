package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Heartbeat;
import io.bactrian.gateway.core.HeartbeatWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Producers: each asks a balancer for a worker and posts heartbeats to it. When the worker does not take one, the producer
 * registers again. Their data is a number that counts up and a random reading.
 */
public final class HeartbeatProducers extends GatewayClients {
    private final AtomicLong number = new AtomicLong();

    HeartbeatProducers(GatewayClientSettings settings, PeerClient client) {
        super("producer", settings, client);
    }

    @Override
    CompletableFuture<?> call(ClientState state) {
        return worker(state)
                .thenCompose(worker -> post(worker + "/heartbeat", heartbeat(state.id()))
                        .thenApply(answer -> {
                            String text = expect(answer, HttpAnswers.OK);
                            state.worker(worker);
                            return text;
                        }));
    }

    private CompletableFuture<String> worker(ClientState state) {
        String known = state.worker();
        return known.isEmpty()
                ? get(balancer(state) + "/register/" + state.id()).thenApply(answer -> expect(answer, HttpAnswers.OK))
                : CompletableFuture.completedFuture(known);
    }

    private String heartbeat(long id) {
        String data = "{\"number\":" + number.incrementAndGet() + ",\"reading\":"
                + ThreadLocalRandom.current().nextInt(1_000) + "}";
        return HeartbeatWriter.post(new Heartbeat(id, settings.location(), "", 0, data));
    }
}
