package io.bactrian.pair.hub;

import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.PairPlugin;
import io.bactrian.pubsub.core.HubLife;
import io.bactrian.pubsub.routes.Hub;
import io.bactrian.pubsub.routes.HubElection;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a hub active where its pair is. The pair copies the hub's log, in which all that the hub must not forget stands, and
 * says how far it may be relied on; so the passive hub has what the active one had acknowledged.
 *
 * <p>Thread-safe. The pair calls it within its lock, so what takes time is done on a thread of its own, in order.
 */
public final class PairedHub implements HubElection {
    private static final Logger LOG = LoggerFactory.getLogger(PairedHub.class);
    /** Without these a hub serves nobody. */
    private static final List<String> ROUTES = List.of("take-in", "hear-subscribers");

    private final CamelContext context;
    private final ScheduledExecutorService thread;
    /** Null until the hub has joined. */
    private volatile @Nullable HubReplica replica;

    private volatile boolean failing;
    private volatile @Nullable Pair pair;

    PairedHub(CamelContext context) {
        this.context = context;
        thread = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "bactrian-paired-hub");
    }

    @Override
    public void joins(Hub joining) {
        Pair found = context.getRegistry().lookupByNameAndType(PairPlugin.PAIR, Pair.class);
        if (!found.journal().folder().equals(joining.folder())) {
            throw new IllegalArgumentException(
                    "the pair copies " + found.journal().folder() + ", but the hub's log is "
                            + joining.folder() + ": set bactrian.pair.journal=hub and"
                            + " bactrian.pair.folder={{bactrian.hub.journal}}");
        }
        pair = found;
        if (Boolean.parseBoolean(context.resolvePropertyPlaceholders("{{bactrian.pair.rehearse}}"))) {
            new TakeoverRehearsal(joining.folder(), scratch -> {
                        found.rehearse(scratch);
                        joining.rehearse(scratch);
                    })
                    .run();
        }
        found.addHealthCheck(() -> !failing);
        ROUTES.forEach(route -> found.addHealthCheck(new RouteRuns(context, route)));
        HubReplica told =
                new HubReplica(new Lives(joining, found, joining::releaseAnswers), found::open, new OneThread());
        replica = told;
        found.slowReplica(told);
    }

    /** A client asks the passive hub: that is the vote for a takeover. */
    @Override
    public void asked() {
        Pair voted = pair;
        if (voted != null) {
            voted.vote();
        }
    }

    @Override
    public long committed(long end) {
        HubReplica told = replica;
        return told == null ? 0 : told.gate(end);
    }

    /** Steps are done on one thread, which is not the pair's. */
    private final class OneThread implements HubReplica.TakeoverSteps {
        @Override
        public void next(Runnable step) {
            try {
                thread.execute(step);
            } catch (RejectedExecutionException stopping) {
                LOG.debug("the context stops");
            }
        }

        @Override
        public void later(Runnable step, long ms) {
            try {
                var retry = thread.schedule(step, ms, TimeUnit.MILLISECONDS);
                LOG.trace("a step in {} ms", retry.getDelay(TimeUnit.MILLISECONDS));
            } catch (RejectedExecutionException stopping) {
                LOG.debug("the context stops");
            }
        }

        @Override
        public void failed(String what, RuntimeException cause) {
            if (!failing) {
                LOG.warn("the hub could not {}, no heartbeats until it can: {}", what, cause.toString());
            }
            failing = true;
        }

        @Override
        public void succeeded() {
            failing = false;
        }
    }

    private record Lives(Hub hub, Pair pair, Runnable release) implements HubReplica.Lives {
        @Override
        public void stepDown() {
            hub.stepDown();
        }

        @Override
        public void activate() {
            hub.activate(HubLife.IN_PAIR);
        }

        @Override
        public void follow(boolean keeps) {
            hub.follow(keeps);
        }

        @Override
        public void committedMoved() {
            if (hub.isActive() && !pair.afterwards(release)) {
                hub.committedMoved();
            }
        }
    }
}
