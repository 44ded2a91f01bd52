package io.bactrian.gateway.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Those among whom requests are balanced, and which of them are usable: not down by a health check, not draining, not ejected
 * as an outlier. Outlier ejection is that of Envoy: so many errors in a row eject a target, for longer each time, and never
 * more than a stated share of all. Time and randomness are passed in. One thread at a time.
 */
public final class TargetPool {
    private final TargetPoolSettings settings;
    private final IntUnaryOperator random;
    private final Map<String, Target> targets = new LinkedHashMap<>();
    private List<Target> usable = List.of();
    private long usableUntilMs = Long.MIN_VALUE;
    private long turn;

    /** A pool without targets. {@code random} gives a number from 0 to below its argument. */
    public TargetPool(TargetPoolSettings settings, IntUnaryOperator random) {
        this.settings = settings;
        this.random = random;
    }

    /**
     * Adds a target, or has one that was draining go on. One that is down stays down: whoever says that it is there
     * need not be reached.
     *
     * @return false if the pool is full
     */
    public boolean join(String name, long nowMs) {
        Target known = targets.get(name);
        if (known == null) {
            if (targets.size() >= settings.targetsMax()) {
                return false;
            }
            // The first ones start at full speed: there is nobody to take their share.
            long warmSinceMs = targets.isEmpty() ? nowMs - settings.slowStartMs() : nowMs;
            targets.put(name, new Target(name, settings.slowStartMs(), warmSinceMs));
        } else {
            known.resume(nowMs);
        }
        changed();
        return true;
    }

    /** As {@link #join}, but one that is draining goes on draining. */
    public boolean renew(String name, long nowMs) {
        return isDraining(name) || join(name, nowMs);
    }

    /** Removes a target; false if it is not known. */
    public boolean leave(String name) {
        changed();
        return targets.remove(name) != null;
    }

    /** Gives no new keys to a target until it joins again; false if it is not known. */
    public boolean drain(String name) {
        Target target = targets.get(name);
        if (target == null) {
            return false;
        }
        target.drain();
        changed();
        return true;
    }

    /** Ends {@link #drain}; false if the target is not known. */
    public boolean resume(String name, long nowMs) {
        Target target = targets.get(name);
        if (target == null) {
            return false;
        }
        target.resume(nowMs);
        changed();
        return true;
    }

    /** A health check has failed for so long that the target is out; true if it was not before. */
    public boolean fall(String name) {
        Target target = targets.get(name);
        if (target == null || target.down()) {
            return false;
        }
        target.fall();
        changed();
        return true;
    }

    /** A health check has succeeded; true if the target was down before. One that is draining goes on draining. */
    public boolean rise(String name, long nowMs) {
        Target target = targets.get(name);
        if (target == null || !target.down()) {
            return false;
        }
        target.rise(nowMs);
        changed();
        return true;
    }

    /** Chooses a target for a new key, and counts the key as assigned to it; empty if none is usable. */
    public Optional<String> assign(long key, long nowMs) {
        Target target = choose(settings.policy(), key, nowMs);
        if (target == null) {
            return Optional.empty();
        }
        target.assign(1);
        return Optional.of(target.name());
    }

    /**
     * Where the keys of a target go that is out: by rendezvous, whatever the policy, so that two balancers with the same view
     * choose alike. Counts the key as assigned.
     */
    public Optional<String> reassign(long key, long nowMs) {
        Target target = choose(BalancerPolicy.STICKY, key, nowMs);
        if (target == null) {
            return Optional.empty();
        }
        target.assign(1);
        return Optional.of(target.name());
    }

    /** A key is no longer assigned to a target. */
    public void unassign(String name) {
        Target target = targets.get(name);
        if (target != null) {
            target.assign(-1);
        }
    }

    /** A key that was assigned elsewhere, by another balancer or before a restart, is counted for a target. */
    public void count(String name) {
        Target target = targets.get(name);
        if (target != null) {
            target.assign(1);
        }
    }

    /**
     * Chooses a target for one request, which is under way until {@link #end}.
     *
     * @param tried those that have failed to answer this request
     * @return empty if no other one is usable
     */
    public Optional<String> begin(long key, Set<String> tried, long nowMs) {
        Target target = choose(settings.policy(), key, nowMs);
        if (target != null && tried.contains(target.name())) {
            List<Target> others = usable(nowMs).stream()
                    .filter(other -> !tried.contains(other.name()))
                    .toList();
            target = others.isEmpty() ? null : settings.policy().choose(others, key, turn, random, nowMs);
        }
        if (target == null) {
            return Optional.empty();
        }
        target.begin();
        return Optional.of(target.name());
    }

    /**
     * A request has ended.
     *
     * @return for how many milliseconds the target is ejected because of it, 0 if it is not
     */
    public long end(String name, boolean failed, long nowMs) {
        Target target = targets.get(name);
        if (target == null) {
            return 0;
        }
        target.end();
        return outcome(target, failed, nowMs);
    }

    /** Takes the outcome that somebody else has seen of a target; it counts as {@link #end} does, unless the target is down anyway. */
    public long report(String name, boolean failed, long nowMs) {
        Target target = targets.get(name);
        return target == null || target.down() ? 0 : outcome(target, failed, nowMs);
    }

    private long outcome(Target target, boolean failed, long nowMs) {
        if (!failed) {
            target.success();
            target.forgive(nowMs, settings.ejectionMaxMs());
            return 0;
        }
        if (target.error() < settings.errorsMax() || target.ejected(nowMs)) {
            return 0;
        }
        long ejected =
                targets.values().stream().filter(other -> other.ejected(nowMs)).count();
        if ((ejected + 1) * 100 > (long) settings.ejectedPercentMax() * targets.size()) {
            return 0;
        }
        changed();
        return target.eject(nowMs, settings.ejectionMs(), settings.ejectionMaxMs());
    }

    /** Whether those that have a target can go on with it. */
    public boolean serves(String name, long nowMs) {
        Target target = targets.get(name);
        return target != null && target.serves(nowMs);
    }

    /** Whether a target is known, in whatever state. */
    public boolean knows(String name) {
        return targets.containsKey(name);
    }

    /** Whether a target is out because health checks fail. */
    public boolean isDown(String name) {
        Target target = targets.get(name);
        return target != null && target.down();
    }

    /** Whether a target is to get no new keys. */
    public boolean isDraining(String name) {
        Target target = targets.get(name);
        return target != null && target.draining();
    }

    /** The names of all, in the order in which they joined. */
    public List<String> names() {
        return List.copyOf(targets.keySet());
    }

    /** Returns the status of each target, for an operator. */
    public List<TargetStatus> status(long nowMs) {
        return targets.values().stream()
                .map(target -> new TargetStatus(
                        target.name(),
                        target.down()
                                ? TargetStatus.State.DOWN
                                : target.draining()
                                        ? TargetStatus.State.DRAINING
                                        : target.ejected(nowMs) ? TargetStatus.State.EJECTED : TargetStatus.State.UP,
                        target.assigned()))
                .toList();
    }

    private @Nullable Target choose(BalancerPolicy policy, long key, long nowMs) {
        List<Target> candidates = usable(nowMs);
        return candidates.isEmpty() ? null : policy.choose(candidates, key, turn++, random, nowMs);
    }

    private List<Target> usable(long nowMs) {
        if (nowMs >= usableUntilMs) {
            List<Target> found = new ArrayList<>();
            boolean ejected = false;
            for (Target target : targets.values()) {
                if (target.usable(nowMs)) {
                    found.add(target);
                }
                ejected |= target.ejected(nowMs);
            }
            usable = List.copyOf(found);
            // An ejection ends by itself, all else comes with a call.
            usableUntilMs = ejected ? nowMs + 1 : Long.MAX_VALUE;
        }
        return usable;
    }

    private void changed() {
        usableUntilMs = Long.MIN_VALUE;
    }
}
