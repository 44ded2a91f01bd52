package io.bactrian.gateway.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.Migrations;
import io.bactrian.support.database.StoreException;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.support.task.Tasks;
import org.apache.camel.support.task.budget.Budgets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the database of the gateway. Several processes may open the same one at once, make its tables at once, or take an H2 file
 * over from a process that was killed; whoever comes second tries again.
 */
final class GatewayDatabase {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayDatabase.class);
    private static final int ATTEMPTS = 10;
    private static final Duration PAUSE = Duration.ofMillis(500);

    private GatewayDatabase() {}

    /** What an attempt has come to: one of the two is there. */
    private record Attempt(
            @Nullable HikariDataSource opened, @Nullable StoreException failure) {
        boolean isOver() {
            return failure == null || Databases.isLasting(failure);
        }
    }

    /**
     * Opens a pool whose database has the tables; the caller closes it.
     *
     * @param context whose task it is, as Camel's consoles show it
     * @throws StoreException if it cannot be opened, at once if another attempt cannot help
     */
    static HikariDataSource open(CamelContext context, DatabaseSettings settings) {
        StoreException[] last = {
            new StoreException("The database is not open: interrupted", new IllegalStateException("interrupted"))
        };
        Attempt attempt = Tasks.foregroundTask()
                .withName("open the database of the gateway")
                .withBudget(Budgets.iterationBudget()
                        .withMaxIterations(ATTEMPTS)
                        .withInterval(PAUSE)
                        .build())
                .build()
                .run(context, () -> attempt(settings, last), Attempt::isOver)
                .orElse(new Attempt(null, last[0]));
        HikariDataSource opened = attempt.opened();
        if (opened == null) {
            throw last[0];
        }
        return opened;
    }

    private static Attempt attempt(DatabaseSettings settings, StoreException[] last) {
        try {
            return new Attempt(openOnce(settings), null);
        } catch (StoreException e) {
            if (!Databases.isLasting(e)) {
                LOG.info("{}; up to {} attempts are made", String.valueOf(e.getMessage()), ATTEMPTS);
            }
            last[0] = e;
            return new Attempt(null, e);
        }
    }

    private static HikariDataSource openOnce(DatabaseSettings settings) {
        HikariDataSource opened = Databases.open(settings);
        try {
            Migrations.migrate(opened, "gateway");
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }
}
