package io.bactrian.gateway.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * The life of a role of the gateway, a balancer or a worker: database and threads first, then, when all routes run, its server
 * lets requests through and its periodic steps begin. It stops in the opposite order.
 */
abstract class RoleService extends ServiceSupport {
    /** As many as there are periodic steps, or one that waits for the database would hold up the renewal of a lease. */
    private static final int TIMER_THREADS = 5;

    private static final long TIMER_STOP_MS = 1_000;
    private static final long STOP_TIMEOUT_MS = 10_000;

    private final String name;
    private final CamelContext context;
    private final DatabaseSettings database;
    private final PeerClientSettings client;
    private final GatewayHttpServer server;
    private @Nullable HikariDataSource dataSource;
    private @Nullable ExecutorService executor;
    private @Nullable ScheduledExecutorService timer;

    RoleService(
            String name,
            CamelContext context,
            DatabaseSettings database,
            PeerClientSettings client,
            GatewayHttpServer server) {
        this.name = name;
        this.context = context;
        this.database = database;
        this.client = client;
        this.server = server;
    }

    /** Makes what the routes call. */
    abstract void build(DataSource opened, PeerClient calls, ExecutorService threads);

    /** Begins the periodic steps. */
    abstract void schedule(ScheduledExecutorService timing);

    /** Figures of the role, which has started. */
    abstract GatewayMeters meters();

    /** What an operator must look at, empty if there is nothing. */
    abstract Optional<String> trouble();

    /** Tells others that it stops, while the routes still answer. */
    void quit() {}

    /** Writes what is not written yet; the periodic steps have ended. */
    void finish() {}

    @Override
    protected final void doStart() {
        HikariDataSource opened = GatewayDatabase.open(context, database);
        dataSource = opened;
        ExecutorService threads = context.getExecutorServiceManager().newCachedThreadPool(this, "bactrian-" + name);
        executor = threads;
        build(opened, client.open(threads), threads);
    }

    /** Lets requests through and begins the periodic steps. The routes run: whoever comes here gets answers. */
    final void open() {
        server.open();
        ScheduledExecutorService timing = context.getExecutorServiceManager()
                .newScheduledThreadPool(this, "bactrian-" + name + "-timer", TIMER_THREADS);
        timer = timing;
        schedule(timing);
    }

    final GatewayHttpServer server() {
        return server;
    }

    final String name() {
        return name;
    }

    final @Nullable ScheduledExecutorService timer() {
        return timer;
    }

    /** A part that exists once the service has started. */
    final <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("The " + name + " has not started");
        }
        return part;
    }

    @Override
    protected final void doStop() {
        if (timer != null) {
            context.getExecutorServiceManager().shutdownGraceful(timer, TIMER_STOP_MS);
        }
        finish();
        if (executor != null) {
            context.getExecutorServiceManager().shutdownGraceful(executor, STOP_TIMEOUT_MS);
        }
        if (dataSource != null) {
            dataSource.close();
        }
    }
}
