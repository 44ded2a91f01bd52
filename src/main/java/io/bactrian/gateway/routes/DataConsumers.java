package io.bactrian.gateway.routes;

import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Consumers: each asks a balancer for a producer's data, follows the redirect to the worker, and prints the time taken. */
public final class DataConsumers extends GatewayClients {
    private static final Logger LOG = LoggerFactory.getLogger(DataConsumers.class);

    private final boolean printed;

    DataConsumers(GatewayClientSettings settings, PeerClient client, boolean printed) {
        super("consumer", settings, client);
        this.printed = printed;
    }

    @Override
    CompletableFuture<?> call(ClientState state) {
        return get(balancer(state) + "/get_data/" + state.id())
                .thenCompose(redirect -> {
                    expect(redirect, HttpAnswers.FOUND);
                    String location = redirect.headers()
                            .firstValue("Location")
                            .orElseThrow(() -> new CallFailedException(redirect.uri() + " redirects to nowhere"));
                    return get(location);
                })
                .thenApply(answer -> expect(answer, HttpAnswers.OK));
    }

    @Override
    void succeeded(ClientState state, long tookMs) {
        super.succeeded(state, tookMs);
        if (printed) {
            LOG.info("data of producer id={} tookMs={}", state.id(), tookMs);
        }
    }
}
