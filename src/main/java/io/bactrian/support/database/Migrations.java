package io.bactrian.support.database;

import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** Brings the tables of a capability to their newest version. Clients have no such tables, so they do without Flyway. */
public final class Migrations {
    /** The hub's history is from before other capabilities had tables, so its name names none. */
    private static final Map<String, String> OLDER_HISTORIES = Map.of("pubsub", "bactrian_schema_history");

    private Migrations() {}

    /**
     * Creates the tables of a capability, or brings them to their newest version. Its migrations are the resources
     * {@code io/bactrian/db/<capability>/V*.sql}. Each capability has a history of its own, so it has tables without those
     * of the others. Tables of others in the same schema are left alone.
     *
     * @throws StoreException if a migration fails, or the tables are of a newer Bactrian
     */
    public static void migrate(DataSource dataSource, String capability) {
        try {
            Flyway.configure(Migrations.class.getClassLoader())
                    .dataSource(dataSource)
                    .table(historyTable(capability))
                    .locations("classpath:io/bactrian/db/" + capability)
                    // A schema that already holds a host application's tables is welcome.
                    .baselineOnMigrate(true)
                    .baselineVersion("0")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new StoreException(
                    "Cannot bring the tables of " + capability + " to the newest version: " + e.getMessage(), e);
        }
    }

    /** Flyway's table for the migrations of a capability, named so that it never meets that of a host application. */
    public static String historyTable(String capability) {
        return OLDER_HISTORIES.getOrDefault(capability, "bactrian_" + capability + "_history");
    }
}
