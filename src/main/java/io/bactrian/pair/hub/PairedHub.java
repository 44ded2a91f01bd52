package io.bactrian.pair.hub;

import io.bactrian.journal.log.Entry;
import io.bactrian.pair.core.Replica;
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
    private static final long RETRY_MS = 500;

    private final CamelContext context;
    private final ScheduledExecutorService thread;
    /** Of the pair; 0 until it has said one. */
    private volatile long committed;

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
        found.addHealthCheck(() -> !failing);
        found.slowReplica(new State(found, joining));
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
        return Math.min(end, committed);
    }

    /** The passive hub deletes what the active one has deleted. */
    @Override
    public long keepFrom() {
        Pair found = pair;
        return found == null ? 0 : found.firstOfActive();
    }

    private void run(Runnable step) {
        try {
            thread.execute(step);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("the context stops");
        }
    }

    /** What the pair tells of the log. */
    private final class State implements Replica {
        private final Pair told;
        private final Hub of;

        private State(Pair told, Hub of) {
            this.told = told;
            this.of = of;
        }

        /** The copies are taken over from the log, from time to time. */
        @Override
        public void copied(List<Entry> entries) {}

        @Override
        public void rebuild() {
            run(() -> attempt("follow its log", of::follow));
        }

        @Override
        public void activated(int epoch) {
            run(() -> activate(epoch));
        }

        private void activate(int epoch) {
            of.stepDown();
            if (!told.open(epoch)) {
                return;
            }
            if (!attempt("become active", () -> of.activate(HubLife.IN_PAIR))) {
                try {
                    var retry = thread.schedule(() -> activate(epoch), RETRY_MS, TimeUnit.MILLISECONDS);
                    LOG.debug("tried again in {} ms", retry.getDelay(TimeUnit.MILLISECONDS));
                } catch (RejectedExecutionException stopping) {
                    LOG.debug("the context stops");
                }
            }
        }

        private boolean attempt(String what, Runnable step) {
            try {
                step.run();
                failing = false;
                return true;
            } catch (RuntimeException e) {
                // Whatever it is, also a record of a later version: the thread would swallow it, and the pair would
                // wait.
                if (!failing) {
                    LOG.warn("the hub could not {}, no heartbeats until it can: {}", what, e.toString());
                }
                failing = true;
                return false;
            }
        }

        @Override
        public void deactivated() {
            run(of::stepDown);
        }

        @Override
        public void committed(long position) {
            committed = position;
            if (of.isActive()) {
                of.committedMoved();
            }
        }
    }
}
