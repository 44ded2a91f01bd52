package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerCore;
import io.bactrian.gateway.core.BalancerCore.Change;
import io.bactrian.gateway.core.Mapping;
import io.bactrian.gateway.core.TargetPool;
import io.bactrian.gateway.routes.BalancerPeers.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of a balancer's workers and mappings. Each is decided by the {@link BalancerCore}, stored, and told to the other balancers; a
 * producer moves only when its former worker has released it. Any thread; those methods wait for others that say so.
 */
final class BalancerChanges {
    private static final Logger LOG = LoggerFactory.getLogger(BalancerChanges.class);

    /** Longer than a shared database file takes to be opened by another process, and than its writer has patience. */
    private static final long STORE_TIMEOUT_S = 20;

    private static final int ATTEMPTS = 5;

    private final BalancerCore core;
    private final WorkerContacts contacts;
    private final BalancerStore store;
    private final BalancerPeers peers;

    /** Producers whose former worker is still to release them; who asks for one waits. Guarded by {@link #core}. */
    private final Map<Long, CompletableFuture<@Nullable Void>> moving = new HashMap<>();

    final LongAdder reassignments = new LongAdder();

    BalancerChanges(BalancerCore core, WorkerContacts contacts, BalancerStore store, BalancerPeers peers) {
        this.core = core;
        this.contacts = contacts;
        this.store = store;
        this.peers = peers;
    }

    /** What the registration of a worker changes. */
    enum Joined {
        /** There are too many workers. */
        FULL,
        /** Nothing. */
        KNOWN,
        /** It is new. */
        NEW,
        /** It had quit, and is started again. */
        RESUMED
    }

    /** A worker registers, or only renews its registration. If something changes, {@link #joined} is to be called. */
    Joined join(String worker, boolean renews) {
        synchronized (core) {
            TargetPool pool = core.pool();
            boolean resumes = !renews && pool.isDraining(worker);
            boolean known = pool.knows(worker);
            if (!enter(worker, renews) && !(forgetOneThatIsDown(worker) && enter(worker, renews))) {
                return Joined.FULL;
            }
            if (resumes) {
                return Joined.RESUMED;
            }
            return known ? Joined.KNOWN : Joined.NEW;
        }
    }

    private boolean enter(String worker, boolean renews) {
        TargetPool pool = core.pool();
        return renews ? pool.renew(worker, contacts.nowMs()) : pool.join(worker, contacts.nowMs());
    }

    /** Workers that never come back must not keep new ones out. False if all are up. */
    private boolean forgetOneThatIsDown(String comer) {
        TargetPool pool = core.pool();
        Optional<String> down = pool.names().stream().filter(pool::isDown).findFirst();
        down.ifPresent(worker -> {
            LOG.warn(
                    "worker is forgotten, it is out and another one needs its place (bactrian.gateway.balancer.workersMax)"
                            + " worker={} for={}",
                    worker,
                    comer);
            boolean unused = leave(worker);
        });
        return down.isPresent();
    }

    /** Whether there are other balancers. */
    boolean paired() {
        return peers.size() > 0;
    }

    /** Stores what a registration has changed and tells it. Waits for other balancers. */
    void joined(String worker, Joined change) {
        LOG.info("worker registered worker={}", worker);
        Steps.watch("store workers", store.worker(worker, Presence.HERE));
        tell(BalancerPeers.worker(worker) + (change == Joined.RESUMED ? BalancerPeers.resume(worker) : ""));
    }

    /** A worker quits, and may stop now; false if it is not known. Waits for other balancers. */
    boolean quit(String worker, boolean stops) {
        if (stops ? !leave(worker) : !drain(worker)) {
            return false;
        }
        tell(stops ? BalancerPeers.quit(worker) : BalancerPeers.worker(worker) + BalancerPeers.drain(worker));
        return true;
    }

    /** Gives a worker no new producers; false if it is not known. */
    boolean drain(String worker) {
        boolean drained = change(worker, Presence.DRAINING, pool -> pool.drain(worker));
        if (drained) {
            LOG.info("worker quit, it gets no new producers until it is started again worker={}", worker);
        }
        return drained;
    }

    /** Decides a change of a worker, and stores it if it is one. */
    private boolean change(String worker, Presence presence, Predicate<TargetPool> decision) {
        boolean changed;
        synchronized (core) {
            changed = decision.test(core.pool());
        }
        if (changed) {
            Steps.watch("store workers", store.worker(worker, presence));
        }
        return changed;
    }

    /** Another balancer gives a worker producers again. */
    void resume(String worker) {
        boolean unused =
                change(worker, Presence.HERE, pool -> pool.isDraining(worker) && pool.resume(worker, contacts.nowMs()));
    }

    /** Takes a worker out for good; false if it was not known. */
    boolean leave(String worker) {
        boolean left = change(worker, Presence.GONE, pool -> pool.leave(worker));
        if (left) {
            LOG.info("worker left worker={}", worker);
            contacts.forget(worker);
        }
        return left;
    }

    /** Another balancer knows a worker. */
    void workerSeen(String worker) {
        boolean isNew =
                change(worker, Presence.HERE, pool -> !pool.knows(worker) && pool.join(worker, contacts.nowMs()));
        if (isNew) {
            contacts.contacted(worker, true);
        }
    }

    /**
     * Another balancer has changed mappings.
     *
     * @return what this one has that is newer
     */
    List<Mapping> mappingsSeen(List<Mapping> mappings) {
        List<Mapping> taken = new ArrayList<>();
        List<Mapping> newer;
        synchronized (core) {
            newer = core.mergeAll(mappings, taken);
        }
        Steps.watch("store mappings", store.mappings(taken));
        return newer;
    }

    /**
     * Maps a producer until all balancers that answer agree: another one may map it at the same time. Waits for them, and until it is
     * stored; empty if no worker is up.
     */
    Optional<Mapping> register(long id) {
        for (int attempt = 1; ; attempt++) {
            Optional<Change> change;
            synchronized (core) {
                change = core.register(id, contacts.nowMs());
                change.ifPresent(this::markMoving);
            }
            if (change.isEmpty()) {
                return Optional.empty();
            }
            finish(List.of(change.get()), true);
            synchronized (core) {
                if (core.isCurrent(change.get()) || attempt == ATTEMPTS) {
                    return Optional.ofNullable(core.mapping(id));
                }
            }
        }
    }

    /** A worker asks to be granted producers; those that are. Waits for other workers and balancers. */
    List<Long> claim(String worker, List<Long> ids) {
        List<Change> claimed;
        synchronized (core) {
            claimed = core.claim(worker, ids, contacts.nowMs());
            claimed.forEach(this::markMoving);
        }
        boolean told = finish(claimed, false);
        synchronized (core) {
            return core.grants(claimed, told);
        }
    }

    /** A producer whose worker is out is given to another one; {@link #finish} is to be called for the change. Guarded by the core. */
    Optional<Change> reassign(long id) {
        Optional<Change> change = core.reassign(id, contacts.nowMs());
        change.ifPresent(moved -> {
            reassignments.increment();
            markMoving(moved);
        });
        return change;
    }

    /** Done when a producer that moves has been released by its former worker; null if it does not move. Guarded by the core. */
    @Nullable CompletableFuture<@Nullable Void> moving(long id) {
        return moving.get(id);
    }

    /** Guarded by {@link #core}. */
    private void markMoving(Change change) {
        if (change.release() != null) {
            moving.put(change.mapping().id(), new CompletableFuture<>());
        }
    }

    /**
     * Has former workers release what is granted to them, stores the changes and tells the other balancers.
     *
     * @param stored whether to wait until they are stored
     * @return whether all other balancers know them
     */
    boolean finish(List<Change> changes, boolean stored) {
        if (changes.isEmpty()) {
            return true;
        }
        Map<String, List<Long>> releases = new HashMap<>();
        for (Change change : changes) {
            String from = change.release();
            if (from != null) {
                releases.computeIfAbsent(from, worker -> new ArrayList<>())
                        .add(change.mapping().id());
            }
        }
        List<Mapping> mappings = changes.stream().map(Change::mapping).toList();
        try {
            releases.forEach(contacts::release);
            boolean told = tell(BalancerPeers.mappings(mappings));
            CompletableFuture<@Nullable Void> written = store.mappings(mappings);
            if (stored) {
                await(written);
            } else {
                Steps.watch("store mappings", written);
            }
            return told;
        } finally {
            synchronized (core) {
                for (Change change : changes) {
                    CompletableFuture<@Nullable Void> move = change.release() == null
                            ? null
                            : moving.remove(change.mapping().id());
                    if (move != null) {
                        move.complete(null);
                    }
                }
            }
        }
    }

    /** Tells other balancers what has changed, and takes over what they have that is newer; whether all have answered. */
    private boolean tell(String lines) {
        Told told = peers.tell(lines);
        List<Mapping> unused = mappingsSeen(told.newer());
        LOG.debug(
                "other balancers have newer mappings={} older={}", told.newer().size(), unused.size());
        return told.all();
    }

    private static void await(CompletableFuture<@Nullable Void> written) {
        try {
            written.get(STORE_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreFailedException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreFailedException(e);
        }
    }

    /** The database did not take a change in time. */
    static final class StoreFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StoreFailedException(Throwable cause) {
            super(cause);
        }
    }
}
