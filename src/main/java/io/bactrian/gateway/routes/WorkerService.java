package io.bactrian.gateway.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.gateway.core.Heartbeat;
import io.bactrian.support.database.DatabaseSettings;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/** The life of a worker: database, server, registration, writing behind. */
final class WorkerService extends ServiceSupport {
    private static final long LEASE_WATCH_MS = 50;
    private static final long CLAIM_MS = 100;
    private static final long STOP_TIMEOUT_S = 10;

    private final CamelContext context;
    private final WorkerSettings settings;
    private final DatabaseSettings database;
    private final PeerClientSettings client;
    private final GatewayHttpServer server;
    private final AtomicBoolean flushing = new AtomicBoolean();
    private @Nullable HikariDataSource dataSource;
    private @Nullable GroupWriter<Heartbeat> writer;
    private @Nullable Leases leases;
    private @Nullable WorkerStore store;
    private @Nullable GatewayWorker worker;
    private @Nullable WorkerRegistration registration;
    private @Nullable ExecutorService executor;
    private @Nullable ScheduledExecutorService timer;

    WorkerService(
            CamelContext context,
            WorkerSettings settings,
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
        ExecutorService threads = context.getExecutorServiceManager().newCachedThreadPool(this, "bactrian-worker");
        executor = threads;
        HeartbeatTable table = new HeartbeatTable(opened);
        GroupWriter<Heartbeat> written = new GroupWriter<>(table::write);
        writer = written;
        threads.execute(written::run);
        Leases held = new Leases(settings.balancers(), settings.cacheMax());
        leases = held;
        WorkerStore made = new WorkerStore(settings, table, written, held);
        store = made;
        worker = new GatewayWorker(made, settings, System::currentTimeMillis, this::flushSoon);
        registration = new WorkerRegistration(client.open(threads), settings, held, made);
        timer = context.getExecutorServiceManager().newScheduledThreadPool(this, "bactrian-worker-timer", 2);
    }

    /** Registers with the balancers and begins to write behind. The routes run: whoever is sent here gets answers. */
    void open() {
        server.open();
        ScheduledExecutorService timing = timer;
        WorkerRegistration registering = registration;
        WorkerStore written = store;
        if (timing == null || registering == null || written == null) {
            return;
        }
        Steps.repeat(timing, "register with the balancers", settings.retryMs(), registering::register);
        Steps.repeat(timing, "watch the leases", LEASE_WATCH_MS, registering::watchLeases);
        Steps.repeat(timing, "claim producers", CLAIM_MS, registering::claim);
        Steps.repeat(timing, "write heartbeats behind", settings.flushMs(), written::flush);
    }

    private void flushSoon() {
        ScheduledExecutorService timing = timer;
        WorkerStore written = store;
        if (timing != null && written != null && flushing.compareAndSet(false, true)) {
            timing.execute(() -> {
                flushing.set(false);
                Steps.run("write heartbeats behind", written::flush);
            });
        }
    }

    GatewayHttpServer server() {
        return server;
    }

    GatewayWorker worker() {
        GatewayWorker started = worker;
        if (started == null) {
            throw new IllegalStateException("The worker has not started");
        }
        return started;
    }

    /** Figures of the worker, which has started. */
    GatewayMeters meters() {
        WorkerStore written = store;
        Leases held = leases;
        WorkerRegistration registering = registration;
        if (written == null || held == null || registering == null) {
            throw new IllegalStateException("The worker has not started");
        }
        return GatewayMeters.of(this, written, held, registering);
    }

    /** What an operator must look at, empty if there is nothing. */
    Optional<String> trouble() {
        if (store != null && store.failing()) {
            return Optional.of("the database does not take heartbeats; " + store.unwritten() + " are in memory only");
        }
        return registration != null && registration.registered() == 0
                ? Optional.of("no balancer of " + settings.balancers() + " accepts this worker")
                : Optional.empty();
    }

    /** Leaves the balancers while the routes still answer. */
    void quit() {
        if (registration != null) {
            registration.quit();
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (timer != null) {
            context.getExecutorServiceManager().shutdownGraceful(timer, TimeUnit.SECONDS.toMillis(1));
        }
        if (store != null) {
            Steps.run("write heartbeats at the end", store::flush);
        }
        if (writer != null) {
            writer.stop();
        }
        if (executor != null) {
            context.getExecutorServiceManager().shutdownGraceful(executor, TimeUnit.SECONDS.toMillis(STOP_TIMEOUT_S));
        }
        if (dataSource != null) {
            dataSource.close();
        }
    }

    @Nullable WorkerStore store() {
        return store;
    }
}
