package io.bactrian.gateway.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which worker serves which producer. A producer gets a worker by the policy of the pool when it registers, and keeps it until
 * it registers again or the worker is out; then another one takes over, by rendezvous, when the producer is next asked for.
 *
 * <p>A worker may have the only copy of what it was <em>granted</em>, for as long as its lease holds. So whoever moves a granted
 * producer must first have the worker release it, unless its lease is over: {@link Change#release} says so.
 *
 * <p>Time is passed in. One thread at a time.
 */
public final class BalancerCore {
    private final TargetPool pool;
    private final int producersMax;
    private final Map<Long, Mapping> mappings = new HashMap<>();
    private long versions;

    /** A balancer that knows nobody yet. */
    public BalancerCore(TargetPool pool, int producersMax) {
        this.pool = pool;
        this.producersMax = producersMax;
    }

    /**
     * The change of the mapping of a producer.
     *
     * @param mapping the mapping that holds now
     * @param release the worker that must release the producer first, or null
     */
    public record Change(Mapping mapping, @Nullable String release) {}

    /** The workers. */
    public TargetPool pool() {
        return pool;
    }

    /** How many producers are mapped. */
    public int producers() {
        return mappings.size();
    }

    /** All mappings, for a copy. */
    public List<Mapping> mappings() {
        return List.copyOf(mappings.values());
    }

    /**
     * Maps a producer anew.
     *
     * @return empty if no worker is online
     * @throws CapacityException if there are too many producers
     */
    public Optional<Change> register(long id, long nowMs) {
        Mapping old = mappings.get(id);
        if (old == null && mappings.size() >= producersMax) {
            throw new CapacityException("Too many producers: at most " + producersMax
                    + " are known (bactrian.gateway.balancer.producersMax)");
        }
        return pool.assign(id, nowMs).map(worker -> move(id, old, worker, false));
    }

    /** The mapping of a producer as it is, whatever its worker does; null if it never registered. */
    public @Nullable Mapping mapping(long id) {
        return mappings.get(id);
    }

    /** Whether a mapping can be used: its worker is there. */
    public boolean holds(Mapping mapping, long nowMs) {
        return pool.serves(mapping.worker(), nowMs);
    }

    /** Gives a producer whose worker is out to another; empty if no worker is online, or its own is back. */
    public Optional<Change> reassign(long id, long nowMs) {
        Mapping old = mappings.get(id);
        if (old == null || holds(old, nowMs)) {
            return Optional.empty();
        }
        return pool.reassign(id, nowMs).map(worker -> move(id, old, worker, false));
    }

    /** A worker says that producers post to it and asks to be granted them. Those that it may have now are returned. */
    public List<Change> claim(String worker, List<Long> ids, long nowMs) {
        List<Change> changes = new ArrayList<>();
        if (!pool.serves(worker, nowMs)) {
            return changes;
        }
        for (long id : ids) {
            Mapping old = mappings.get(id);
            if (old == null && mappings.size() >= producersMax) {
                continue;
            }
            if (old == null || !old.worker().equals(worker)) {
                pool.count(worker);
            }
            changes.add(move(id, old, worker, true));
        }
        return changes;
    }

    /**
     * Which of the claimed producers the worker can be told now: the claim is still what holds here, and every other balancer
     * has taken it over.
     *
     * @param told whether all other balancers have answered; those that have something newer have had it merged here
     */
    public List<Long> grants(List<Change> claimed, boolean told) {
        return claimed.stream()
                .map(Change::mapping)
                .filter(mapping -> told && mapping.equals(mappings.get(mapping.id())))
                .map(Mapping::id)
                .toList();
    }

    /** Whether a change still holds, also for the other balancers, once what they have that is newer is merged. */
    public boolean isCurrent(Change change) {
        return change.mapping().equals(mappings.get(change.mapping().id()));
    }

    /**
     * Takes over mappings of another balancer.
     *
     * @return what this one has instead of those that were not taken
     */
    public List<Mapping> mergeAll(List<Mapping> others, List<Mapping> taken) {
        List<Mapping> newer = new ArrayList<>();
        for (Mapping other : others) {
            if (merge(other)) {
                taken.add(other);
            } else {
                Mapping here = mappings.get(other.id());
                if (here != null && !here.equals(other)) {
                    newer.add(here);
                }
            }
        }
        return newer;
    }

    private Change move(long id, @Nullable Mapping old, String worker, boolean granted) {
        boolean stays = old != null && old.worker().equals(worker);
        if (old != null && (stays || pool.knows(old.worker())) && !(granted && stays)) {
            pool.unassign(old.worker());
        }
        // A producer that registers anew at the same worker changes nothing for that.
        boolean keeps = stays && old != null && old.granted();
        Mapping mapping = new Mapping(id, worker, ++versions, granted || keeps);
        mappings.put(id, mapping);
        return new Change(mapping, old != null && old.granted() && !stays ? old.worker() : null);
    }

    /** Takes over a mapping of a database or of another balancer, if it is newer; whether it was. */
    public boolean merge(Mapping mapping) {
        versions = Math.max(versions, mapping.version());
        Mapping old = mappings.get(mapping.id());
        boolean taken = old == null ? mappings.size() < producersMax : mapping.supersedes(old);
        if (!taken) {
            return false;
        }
        if (old != null) {
            pool.unassign(old.worker());
        }
        pool.count(mapping.worker());
        mappings.put(mapping.id(), mapping);
        return true;
    }
}
