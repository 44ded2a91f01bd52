package io.bactrian.gateway.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.gateway.core.BalancerCore;
import io.bactrian.gateway.core.TargetPool;
import io.bactrian.gateway.core.TargetStatus;
import io.bactrian.support.database.DatabaseSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of a balancer: database, server, probes of workers, contact with other balancers. */
final class BalancerService extends ServiceSupport {
    private static final Logger LOG = LoggerFactory.getLogger(BalancerService.class);
    private static final long STOP_TIMEOUT_S = 5;

    private final CamelContext context;
    private final BalancerSettings settings;
    private final DatabaseSettings database;
    private final GatewayHttpServer server;
    private final PeerClientSettings client;
    private @Nullable HikariDataSource dataSource;
    private @Nullable GatewayBalancer balancer;
    private @Nullable BalancerStore store;
    private @Nullable BalancerPeers peers;
    private @Nullable ExecutorService executor;
    private @Nullable ScheduledExecutorService timer;

    BalancerService(
            CamelContext context,
            BalancerSettings settings,
            DatabaseSettings database,
            PeerClientSettings client,
            GatewayHttpServer server) {
        this.context = context;
        this.settings = settings;
        this.database = database;
        this.client = client;
        this.server = server;
    }

    @Override
    protected void doStart() {
        HikariDataSource opened = GatewayDatabase.open(database);
        dataSource = opened;
        ExecutorService threads = context.getExecutorServiceManager().newCachedThreadPool(this, "bactrian-balancer");
        executor = threads;
        PeerClient calls = client.open(threads);
        BalancerCore core = new BalancerCore(
                new TargetPool(
                        settings.pool(), bound -> ThreadLocalRandom.current().nextInt(bound)),
                settings.producersMax());
        WorkerContacts contacts = new WorkerContacts(core, calls, settings);
        BalancerTable table = new BalancerTable(opened, settings.name());
        List<String> workers = table.workers();
        for (String worker : workers) {
            core.pool().join(worker, contacts.nowMs());
            contacts.remember(worker);
        }
        table.mappings().forEach(core::merge);
        if (!workers.isEmpty() || core.producers() > 0) {
            LOG.info("balancer goes on with workers={} producers={}", workers.size(), core.producers());
        }
        BalancerStore written = new BalancerStore(table);
        store = written;
        threads.execute(written::run);
        BalancerPeers others = new BalancerPeers(calls, settings.peers(), Duration.ofMillis(settings.probeTimeoutMs()));
        peers = others;
        GatewayBalancer made = new GatewayBalancer(core, contacts, written, others);
        balancer = made;
        ScheduledExecutorService timing =
                context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "bactrian-balancer-timer");
        timer = timing;
        Steps.repeat(timing, "probe workers", settings.probeMs(), contacts::probe);
        Steps.repeat(timing, "meet other balancers", settings.probeMs(), () -> others.meet(made));
    }

    GatewayBalancer balancer() {
        GatewayBalancer started = balancer;
        if (started == null) {
            throw new IllegalStateException("The balancer has not started");
        }
        return started;
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

    /** Why nobody can be served now, empty if somebody can. */
    Optional<String> trouble() {
        return workers(true) > 0 ? Optional.empty() : Optional.of("no worker is up");
    }

    GatewayHttpServer server() {
        return server;
    }

    @Nullable BalancerPeers peers() {
        return peers;
    }

    @Override
    protected void doStop() {
        if (timer != null) {
            context.getExecutorServiceManager().shutdownNow(timer);
        }
        if (store != null) {
            store.stop();
        }
        if (executor != null) {
            context.getExecutorServiceManager().shutdownGraceful(executor, TimeUnit.SECONDS.toMillis(STOP_TIMEOUT_S));
        }
        if (dataSource != null) {
            dataSource.close();
        }
    }
}
