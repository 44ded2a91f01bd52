package io.bactrian.pair.routes;

import io.bactrian.pair.core.PairEvent;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.cluster.CamelClusterMember;
import org.apache.camel.support.cluster.AbstractCamelClusterService;
import org.apache.camel.support.cluster.AbstractCamelClusterView;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pair as a Camel cluster: its leader is the active node. So {@code master:} endpoints and clustered route policies run
 * routes on the active node only, whatever their namespace.
 */
public final class PairClusterService extends AbstractCamelClusterService<PairClusterService.View> {
    private static final Logger LOG = LoggerFactory.getLogger(PairClusterService.class);

    private final Pair pair;

    PairClusterService(CamelContext context, Pair pair) {
        super("bactrian-pair", context);
        this.pair = pair;
    }

    @Override
    protected View createView(String namespace) {
        return new View(this, namespace, pair);
    }

    /** One of the two nodes. */
    private record ClusterMember(String id, boolean local, boolean leader) implements CamelClusterMember {
        @Override
        public String getId() {
            return id;
        }

        @Override
        public boolean isLeader() {
            return leader;
        }

        @Override
        public boolean isLocal() {
            return local;
        }
    }

    /** The two nodes as they stand now. Listeners hear of changes on a thread of the view. */
    static final class View extends AbstractCamelClusterView {
        private final Pair pair;
        private final Consumer<PairEvent> listener = this::happened;
        private @Nullable ExecutorService thread;

        View(PairClusterService service, String namespace, Pair pair) {
            super(service, namespace);
            this.pair = pair;
        }

        @Override
        protected void doStart() {
            thread = getCamelContext()
                    .getExecutorServiceManager()
                    .newSingleThreadExecutor(this, "bactrian-pair-cluster");
            pair.addListener(listener);
            tell();
        }

        @Override
        protected void doStop() {
            pair.removeListener(listener);
            ExecutorService running = thread;
            thread = null;
            if (running != null) {
                getCamelContext().getExecutorServiceManager().shutdownGraceful(running);
            }
        }

        private void happened(PairEvent event) {
            if (event.kind() == PairEvent.Kind.ACTIVE || event.kind() == PairEvent.Kind.PASSIVE) {
                tell();
            }
        }

        // Not on the thread of the pair: listeners start and stop routes.
        private void tell() {
            ExecutorService running = thread;
            if (running != null) {
                try {
                    running.execute(() -> fireLeadershipChangedEvent(getLeader().orElse(null)));
                } catch (RejectedExecutionException stopping) {
                    LOG.debug("namespace={} stops", getNamespace());
                }
            }
        }

        @Override
        public Optional<CamelClusterMember> getLeader() {
            return getMembers().stream().filter(CamelClusterMember::isLeader).findFirst();
        }

        @Override
        public CamelClusterMember getLocalMember() {
            return new ClusterMember(pair.side().name(), true, pair.active());
        }

        @Override
        public List<CamelClusterMember> getMembers() {
            return List.of(
                    getLocalMember(),
                    new ClusterMember(pair.side().other().name(), false, !pair.active() && pair.peerActive()));
        }
    }
}
