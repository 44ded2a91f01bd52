package io.bactrian.gateway.routes;

import io.bactrian.support.text.RateLimitedLog;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many clients of the gateway that call it without a thread for each. A failed call is tried again after a back-off with jitter,
 * as often as is configured, without recursion: a failed one is due again, and the next tick begins it. {@link #tick} is called by
 * one timer.
 */
abstract class GatewayClients {
    static final Logger LOG = LoggerFactory.getLogger(GatewayClients.class);

    final GatewayClientSettings settings;
    private final PeerClient client;
    private final Duration timeout;
    private final RateLimitedLog limit = new RateLimitedLog(this::nowMs);
    private final List<ClientState> states = new ArrayList<>();
    private final String kind;
    private final LatencySummary latencies = new LatencySummary();
    private final AtomicLong failures = new AtomicLong();
    private final long startNs = System.nanoTime();
    private long summaryDueMs;

    GatewayClients(String kind, GatewayClientSettings settings, PeerClient client) {
        this.kind = kind;
        this.settings = settings;
        this.client = client;
        this.timeout = Duration.ofMillis(settings.timeoutMs());
        this.summaryDueMs = settings.summaryMs();
        for (int i = 0; i < settings.count(); i++) {
            // Spread over the period, or all would call at once for ever.
            states.add(new ClientState(settings.firstId() + i, settings.periodMs() * i / settings.count()));
        }
    }

    /** Begins the calls that are due. Returns at once. */
    public void tick() {
        long nowMs = nowMs();
        for (ClientState state : states) {
            if (state.begin(nowMs)) {
                Steps.watch("end a call", call(state).handle((done, failure) -> {
                    ended(state, failure);
                    return done;
                }));
            }
        }
        if (settings.summaryMs() > 0 && nowMs >= summaryDueMs) {
            summaryDueMs = nowMs + settings.summaryMs();
            LOG.info("{}", summary());
        }
    }

    /** Gets an address. A failure says which one. */
    CompletableFuture<HttpResponse<String>> get(String address) {
        return explained(address, client.get(address, timeout));
    }

    /** Posts a text to an address. A failure says which one. */
    CompletableFuture<HttpResponse<String>> post(String address, String body) {
        return explained(address, client.post(address, body, timeout));
    }

    private static CompletableFuture<HttpResponse<String>> explained(
            String address, CompletableFuture<HttpResponse<String>> call) {
        return call.exceptionally(failure -> {
            throw new CallFailedException(address + " " + CallFailures.reason(failure));
        });
    }

    /** One call with all its steps; the future fails if a step does. */
    abstract CompletableFuture<?> call(ClientState state);

    /** A call has succeeded, after so long. */
    void succeeded(ClientState state, long tookMs) {
        LOG.debug("{} id={} tookMs={}", kind, state.id(), tookMs);
    }

    private void ended(ClientState state, Throwable failure) {
        if (failure == null) {
            long tookMs = state.succeeded(nowMs(), settings.periodMs());
            latencies.add(tookMs);
            succeeded(state, tookMs);
            return;
        }
        failures.incrementAndGet();
        int inARow = state.failed(
                nowMs(), settings.backoff(), () -> ThreadLocalRandom.current().nextDouble());
        Throwable cause = CallFailures.cause(failure);
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (settings.retriesMax() > 0 && inARow > settings.retriesMax()) {
            state.end();
            LOG.error(
                    "{} id={} gives up after failures={}: {}; start it again, or set bactrian.gateway.client.retries=0 for no"
                            + " limit",
                    kind,
                    state.id(),
                    inARow,
                    reason);
            if (endedForGood() == states.size()) {
                LOG.error("all {}s={} have given up; this process does nothing any more", kind, states.size());
            }
            return;
        }
        LOG.debug("{} id={} failures={}", kind, state.id(), inARow, cause);
        long suppressed = limit.admit(kind, "");
        if (suppressed >= 0) {
            LOG.warn("{} id={} tries again: {} suppressed={}", kind, state.id(), reason, suppressed);
        }
    }

    String balancer(ClientState state) {
        return settings.balancers().get(state.balancer(settings.balancers().size()));
    }

    /** The text of a good answer; {@link CallFailedException} if it is none. */
    static String expect(HttpResponse<String> answer, int status) {
        if (answer.statusCode() != status) {
            throw new CallFailedException(answer.uri() + " answers " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    }

    /** Calls that succeeded, and how long they took with their retries. */
    LatencySummary latencies() {
        return latencies;
    }

    /** How many attempts have failed. */
    public long failures() {
        return failures.get();
    }

    long endedForGood() {
        return states.stream().filter(ClientState::ended).count();
    }

    /** A line for a person: counts, p50 and p99. */
    String summary() {
        return kind + "s=" + states.size() + " calls=" + latencies.count() + " failedAttempts=" + failures + " p50Ms="
                + latencies.percentile(50) + " p99Ms=" + latencies.percentile(99) + " maxMs=" + latencies.max();
    }

    /** An answer that is not the wanted one. */
    static final class CallFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CallFailedException(String message) {
            super(message, null, false, false);
        }
    }
}
