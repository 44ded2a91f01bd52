package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.FlushPace;
import io.bactrian.gateway.core.Heartbeat;
import io.bactrian.gateway.core.Leases;
import io.bactrian.support.database.DatabaseSettings;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** A worker: it registers with its balancers, claims producers, and writes heartbeats behind. */
final class WorkerService extends RoleService {
    private static final long LEASE_WATCH_MS = 50;
    private static final long CLAIM_MS = 100;
    private static final long FLUSH_WATCH_MS = 20;

    private final WorkerSettings settings;
    private final FlushPace pace;
    private @Nullable GroupWriter<Heartbeat> writer;
    private @Nullable Leases leases;
    private @Nullable WorkerStore store;
    private @Nullable GatewayWorker worker;
    private @Nullable WorkerRegistration registration;

    WorkerService(
            CamelContext context,
            WorkerSettings settings,
            DatabaseSettings database,
            PeerClientSettings client,
            GatewayHttpServer server) {
        super("worker", context, database, client, server);
        this.settings = settings;
        this.pace = new FlushPace(WorkerStore.unwrittenMax(settings) / 2);
    }

    @Override
    void build(DataSource opened, PeerClient calls, ExecutorService threads) {
        HeartbeatTable table = new HeartbeatTable(opened);
        GroupWriter<Heartbeat> written = new GroupWriter<>(table::write);
        writer = written;
        threads.execute(() -> {
            try (table) {
                written.run();
            }
        });
        List<String> needed = settings.balancers().stream()
                .flatMap(balancer -> settings.ports().stream().map(port -> WorkerRegistration.lease(balancer, port)))
                .toList();
        Leases held = new Leases(needed, new ConcurrentHashMap<>(), settings.cacheMax(), Steps.nowMs());
        leases = held;
        WorkerStore made = new WorkerStore(settings, table, written, held, Steps::nowMs);
        store = made;
        WorkerRegistration registering = new WorkerRegistration(calls, settings, held, made, Steps::nowMs);
        registration = registering;
        worker = new GatewayWorker(made, registering, settings, neverBack());
    }

    /** The wall clock, except that it waits when somebody sets it back: a later heartbeat must not have an earlier time. */
    private static LongSupplier neverBack() {
        AtomicLong last = new AtomicLong();
        return () -> last.accumulateAndGet(System.currentTimeMillis(), Math::max);
    }

    @Override
    void schedule(ScheduledExecutorService timing) {
        WorkerRegistration registering = started(registration);
        Steps.repeat(timing, "register with the balancers", settings.retryMs(), registering::register);
        Steps.repeat(timing, "watch the leases", LEASE_WATCH_MS, registering::watchLeases);
        Steps.repeat(timing, "claim producers", CLAIM_MS, registering::claim);
        Steps.repeat(timing, "write heartbeats behind by time", settings.flushMs(), store()::flush);
        Steps.repeat(timing, "write heartbeats behind by number", FLUSH_WATCH_MS, this::flushDue);
    }

    /** Writes behind when so many are unwritten that it is due. */
    private void flushDue() throws SQLException {
        long beganMs = Steps.nowMs();
        if (store().flushDue() && pace.delayMs(store().unwrittenWeight(), beganMs) == 0) {
            try {
                store().flush();
            } finally {
                pace.ended(beganMs, Steps.nowMs());
            }
        }
    }

    GatewayWorker worker() {
        return started(worker);
    }

    WorkerStore store() {
        return started(store);
    }

    @Override
    GatewayMeters meters() {
        return GatewayMeters.of(this, store(), started(leases), started(registration));
    }

    @Override
    Optional<String> trouble() {
        if (store != null && store.failing()) {
            return Optional.of("the database does not take heartbeats; " + store.unwritten() + " are in memory only");
        }
        return registration != null && registration.registered() == 0
                ? Optional.of("no balancer of " + settings.balancers() + " accepts this worker")
                : Optional.empty();
    }

    /** Leaves the balancers. */
    @Override
    void quit() {
        if (registration != null) {
            registration.quit();
        }
    }

    @Override
    void finish() {
        if (store != null) {
            store.close();
            Steps.run("write heartbeats at the end", store::flush);
        }
        if (writer != null) {
            writer.stop();
        }
    }
}
