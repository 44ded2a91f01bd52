package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerPolicy;
import io.bactrian.gateway.core.TargetPool;
import io.bactrian.gateway.core.TargetPoolSettings;
import io.bactrian.gateway.core.TargetStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.processor.loadbalancer.LoadBalancerSupport;
import org.jspecify.annotations.Nullable;

/**
 * A load balancer for any route, with the policies, outlier ejection and slow start of the gateway's balancer:
 *
 * <pre>
 * - loadBalance:
 *     customLoadBalancer: { ref: sensors }
 *     steps:
 *       - to: { uri: "http:one.example" }
 *       - to: { uri: "http:two.example" }
 * </pre>
 *
 * <p>The steps are the targets. With a {@link #setSource source} the targets are the names that it gives, such as the workers that
 * are registered with a balancer, and there is one step, which finds the chosen name in the exchange property {@value #TARGET}:
 * {@code toD: "${exchangeProperty.bactrianTarget}/heartbeat"}. An Exchange that fails counts as an error of its target and goes to
 * the next one, up to {@code attempts} targets. Any thread.
 */
public final class PolicyLoadBalancer extends LoadBalancerSupport {
    /** The exchange property with the name of the target. */
    public static final String TARGET = "bactrianTarget";

    private static final int TARGETS_MAX = 10_000;

    /** Gives the names of the targets that are there now. */
    public interface Source {
        /** The names, each once. */
        List<String> targets();
    }

    private BalancerPolicy policy = BalancerPolicy.ROUND_ROBIN;
    private int attempts = 1;
    private int errors = 5;
    private long ejectionMs = 2_000;
    private long ejectionMaxMs = 60_000;
    private int ejectedPercentMax = 50;
    private long slowStartMs;
    private String keyHeader = "";
    private @Nullable Source source;
    private @Nullable TargetPool pool;

    /** {@code round-robin}, {@code least-requests}, {@code power-of-two} or {@code sticky}. */
    public void setPolicy(String name) {
        policy = BalancerPolicy.of(name);
    }

    /** How many targets an Exchange is tried at, from 1 on. */
    public void setAttempts(int attempts) {
        this.attempts = attempts;
    }

    /** So many errors in a row eject a target. */
    public void setErrors(int errors) {
        this.errors = errors;
    }

    /** For how long the first time, in milliseconds; the n-th time n times as long. */
    public void setEjectionMs(long ms) {
        ejectionMs = ms;
    }

    /** For how long at most, in milliseconds. */
    public void setEjectionMaxMs(long ms) {
        ejectionMaxMs = ms;
    }

    /** Which share of the targets may be ejected at a time. */
    public void setEjectedPercentMax(int percent) {
        ejectedPercentMax = percent;
    }

    /** For how long a target that has come or come back gets only a growing share, in milliseconds. */
    public void setSlowStartMs(long ms) {
        slowStartMs = ms;
    }

    /** The header whose value keeps Exchanges together with the policy {@code sticky}. */
    public void setKeyHeader(String name) {
        keyHeader = name;
    }

    /** Where the targets come from; without it they are the steps. */
    public void setSource(Source source) {
        this.source = source;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        if (getProcessors().isEmpty()) {
            return fail(exchange, callback, "The load balancer has no steps");
        }
        return attempt(exchange, callback, new HashSet<>());
    }

    private boolean attempt(Exchange exchange, AsyncCallback callback, Set<String> tried) {
        Optional<String> chosen = begin(exchange, tried);
        if (chosen.isEmpty()) {
            if (exchange.getException() == null) {
                return fail(exchange, callback, "No target of the load balancer is usable now");
            }
            callback.done(false);
            return false;
        }
        String target = chosen.get();
        tried.add(target);
        exchange.setException(null);
        exchange.setProperty(TARGET, target);
        int step = source == null ? Integer.parseInt(target) : 0;
        boolean unused = getProcessors().get(step).process(exchange, sync -> {
            boolean failed = exchange.isFailed();
            synchronized (this) {
                pool().end(target, failed, nowMs());
            }
            if (failed && tried.size() < attempts) {
                boolean unusedResult = attempt(exchange, callback, tried);
            } else {
                callback.done(false);
            }
        });
        // The callback says when it is done, whether that was at once or not.
        return false;
    }

    /** A target that has not been tried; the second choice of a policy may be the first again, so it is asked a few times. */
    private synchronized Optional<String> begin(Exchange exchange, Set<String> tried) {
        long nowMs = nowMs();
        update(nowMs);
        long key = key(exchange);
        for (int i = 0; i <= 2 * tried.size(); i++) {
            Optional<String> chosen = pool().begin(key + i, nowMs);
            if (chosen.isEmpty() || !tried.contains(chosen.get())) {
                return chosen;
            }
            pool().abandon(chosen.get());
        }
        return Optional.empty();
    }

    private void update(long nowMs) {
        Source from = source;
        List<String> now = from == null
                ? IntStream.range(0, getProcessors().size())
                        .mapToObj(Integer::toString)
                        .toList()
                : from.targets();
        TargetPool targets = pool();
        for (String name : targets.names()) {
            if (!now.contains(name)) {
                targets.leave(name);
            }
        }
        for (String name : now) {
            if (!targets.knows(name)) {
                targets.join(name, nowMs);
            }
        }
    }

    private TargetPool pool() {
        TargetPool made = pool;
        if (made == null) {
            made = new TargetPool(
                    new TargetPoolSettings(
                            policy, TARGETS_MAX, errors, ejectionMs, ejectionMaxMs, ejectedPercentMax, slowStartMs),
                    bound -> ThreadLocalRandom.current().nextInt(bound));
            pool = made;
        }
        return made;
    }

    private long key(Exchange exchange) {
        Object key = keyHeader.isEmpty() ? null : exchange.getMessage().getHeader(keyHeader);
        return key == null ? 0 : key.toString().hashCode();
    }

    private static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** What an operator sees of each target. */
    public synchronized List<TargetStatus> status() {
        return pool().status(nowMs());
    }

    private static boolean fail(Exchange exchange, AsyncCallback callback, String message) {
        exchange.setException(new RejectedExecutionException(message));
        callback.done(false);
        return false;
    }
}
