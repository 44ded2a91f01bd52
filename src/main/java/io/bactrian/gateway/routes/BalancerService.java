package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerCore;
import io.bactrian.gateway.core.TargetPool;
import io.bactrian.gateway.core.TargetStatus;
import io.bactrian.support.database.DatabaseSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A balancer: it probes its workers and keeps contact with other balancers. */
final class BalancerService extends RoleService {
    private static final Logger LOG = LoggerFactory.getLogger(BalancerService.class);

    /** The longest line of a snapshot, in octets. */
    private static final long LINE_MAX = 260;

    private final BalancerSettings settings;
    private @Nullable GatewayBalancer balancer;
    private @Nullable BalancerStore store;
    private @Nullable BalancerPeers peers;

    BalancerService(
            CamelContext context,
            BalancerSettings settings,
            DatabaseSettings database,
            PeerClientSettings client,
            GatewayHttpServer server) {
        super("balancer", context, database, client, server);
        this.settings = settings;
    }

    @Override
    void build(DataSource opened, PeerClient calls, ExecutorService threads) {
        BalancerCore core = new BalancerCore(
                new TargetPool(
                        settings.pool(), bound -> ThreadLocalRandom.current().nextInt(bound)),
                settings.producersMax());
        WorkerContacts contacts = new WorkerContacts(core, calls, settings, threads, Steps::nowMs);
        BalancerTable table = new BalancerTable(opened, settings.name());
        Map<String, Presence> workers = table.workers();
        workers.forEach((worker, presence) -> {
            core.pool().join(worker, contacts.nowMs());
            if (presence == Presence.DRAINING) {
                core.pool().drain(worker);
            }
            contacts.remember(worker);
        });
        table.mappings().forEach(core::merge);
        if (!workers.isEmpty() || core.producers() > 0) {
            LOG.info("balancer goes on with workers={} producers={}", workers.size(), core.producers());
        }
        BalancerStore written = new BalancerStore(table);
        store = written;
        threads.execute(written::run);
        threads.execute(contacts::monitor);
        BalancerPeers others = new BalancerPeers(
                calls, settings.peers(), Duration.ofMillis(settings.probeTimeoutMs()), snapshotMax(settings));
        peers = others;
        BalancerChanges changes = new BalancerChanges(core, contacts, written, others);
        contacts.whenDrained(changes::leave);
        balancer =
                new GatewayBalancer(core, contacts, changes, server().settings().tls() ? "https" : "http");
    }

    /** A line for each producer and two for each worker. */
    private static int snapshotMax(BalancerSettings settings) {
        long lines = settings.producersMax() + 2L * settings.pool().targetsMax();
        return (int) Math.min(Integer.MAX_VALUE - 8, lines * LINE_MAX);
    }

    @Override
    void schedule(ScheduledExecutorService timing) {
        GatewayBalancer made = balancer();
        BalancerPeers others = peers();
        Steps.repeat(timing, "probe workers", settings.probeMs(), made.contacts()::probe);
        Steps.repeat(timing, "meet other balancers", settings.probeMs(), () -> others.meet(made.changes()));
    }

    GatewayBalancer balancer() {
        return started(balancer);
    }

    BalancerPeers peers() {
        return started(peers);
    }

    /** How many workers are known, or only those that are up. */
    long workers(boolean up) {
        BalancerCore core = balancer().core();
        synchronized (core) {
            return core.pool().status(balancer().contacts().nowMs()).stream()
                    .filter(worker -> !up || worker.state() == TargetStatus.State.UP)
                    .count();
        }
    }

    int producers() {
        BalancerCore core = balancer().core();
        synchronized (core) {
            return core.producers();
        }
    }

    @Override
    GatewayMeters meters() {
        return GatewayMeters.of(this);
    }

    @Override
    Optional<String> trouble() {
        return workers(true) > 0 ? Optional.empty() : Optional.of("no worker is up");
    }

    @Override
    void finish() {
        if (balancer != null) {
            balancer.contacts().stop();
        }
        if (store != null) {
            store.stop();
        }
    }
}
