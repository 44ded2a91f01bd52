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
import org.apache.camel.support.ExchangeHelper;
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
 * <p>The steps are the targets. With a {@link #setSource source} the targets are the names that it gives, such as the
 * workers that
 * are registered with a balancer or the nodes that the registry has ({@link RegistryTargets}), and there is one step,
 * which finds the
 * chosen name in the exchange property {@value #TARGET}:
 * {@code toD: "${exchangeProperty.bactrianTarget}/heartbeat"}. An Exchange that fails counts as an error of its target
 * and goes to
 * the next one, up to {@code attempts} targets. Any thread.
 */
public final class PolicyLoadBalancer extends LoadBalancerSupport {
    /**
     * The exchange property with the name of the target, a String. It is a property as Camel's load balancers have theirs
     * ({@code CamelFailoverEndpoint}): a header would go to the target.
     */
    public static final String TARGET = "bactrianTarget";

    private static final int TARGETS_MAX = 10_000;

    /** Gives the names of the targets that are there now. */
    public interface TargetSource {
        /** A load balancer that uses this starts; called by each. */
        default void begin() throws Exception {}

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
    private @Nullable TargetSource source;
    private @Nullable TargetPool pool;
    private List<String> present = List.of();

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
    public void setSource(TargetSource source) {
        this.source = source;
    }

    @Override
    protected void doStart() throws Exception {
        if (source != null) {
            source.begin();
        }
        super.doStart();
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
            if (tried.isEmpty()) {
                return fail(exchange, callback, "No target of the load balancer is usable now");
            }
            callback.done(false);
            return false;
        }
        String target = chosen.get();
        tried.add(target);
        exchange.setException(null);
        // What an attempt changes before it fails is not seen by the next one.
        Exchange copy = attempts > 1 ? ExchangeHelper.createCopy(exchange, true) : exchange;
        copy.setProperty(TARGET, target);
        int step = source == null ? Integer.parseInt(target) : 0;
        boolean unused = getProcessors().get(step).process(copy, sync -> {
            boolean failed = copy.isFailed();
            synchronized (this) {
                pool().end(target, failed, nowMs());
            }
            if (failed && tried.size() < attempts) {
                exchange.setException(copy.getException());
                boolean unusedResult = attempt(exchange, callback, tried);
                return;
            }
            if (copy != exchange) {
                ExchangeHelper.copyResults(exchange, copy);
            }
            callback.done(false);
        });
        // The callback says when it is done, whether that was at once or not.
        return false;
    }

    /** A target that has not been tried. */
    private synchronized Optional<String> begin(Exchange exchange, Set<String> tried) {
        long nowMs = nowMs();
        update(nowMs);
        return pool().begin(key(exchange), tried, nowMs);
    }

    private void update(long nowMs) {
        TargetSource from = source;
        List<String> now = from == null
                ? IntStream.range(0, getProcessors().size())
                        .mapToObj(Integer::toString)
                        .toList()
                : List.copyOf(from.targets());
        if (now.equals(present)) {
            return;
        }
        TargetPool targets = pool();
        Set<String> names = new HashSet<>(now);
        for (String name : targets.names()) {
            if (!names.contains(name)) {
                targets.leave(name);
            }
        }
        for (String name : now) {
            if (!targets.knows(name)) {
                targets.join(name, nowMs);
            }
        }
        present = now;
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

    /** Returns the status of each target, for an operator. */
    public synchronized List<TargetStatus> status() {
        return pool().status(nowMs());
    }

    private static boolean fail(Exchange exchange, AsyncCallback callback, String message) {
        exchange.setException(new RejectedExecutionException(message));
        callback.done(false);
        return false;
    }
}
