package io.bactrian.gateway.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.StoreException;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the database of the gateway. Several processes may open the same one at once, make its tables at once, or take an H2 file
 * over from a process that was killed; whoever comes second tries again.
 */
final class GatewayDatabase {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayDatabase.class);
    private static final int ATTEMPTS = 10;
    private static final long PAUSE_MS = 500;

    /** H2's FILE_CORRUPTED_1. */
    private static final int FILE_CORRUPTED = 90030;

    private GatewayDatabase() {}

    /**
     * Opens a pool whose database has the tables; the caller closes it.
     *
     * @throws StoreException if it cannot be opened in several attempts
     */
    static HikariDataSource open(DatabaseSettings settings) {
        for (int attempt = 1; ; attempt++) {
            try {
                return openOnce(settings);
            } catch (StoreException e) {
                if (attempt == ATTEMPTS || isDamaged(e)) {
                    throw e;
                }
                LOG.info("{}; tried again", String.valueOf(e.getMessage()));
                pause(e);
            }
        }
    }

    private static HikariDataSource openOnce(DatabaseSettings settings) {
        HikariDataSource opened = Databases.open(settings);
        try {
            Databases.migrate(opened, "gateway");
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** Whether the file is no H2 database or a broken one, which no time mends. */
    private static boolean isDamaged(StoreException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == FILE_CORRUPTED) {
                return true;
            }
        }
        return false;
    }

    private static void pause(StoreException e) {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw e;
        }
    }
}
