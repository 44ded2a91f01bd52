package io.bactrian.pubsub.store;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.nio.file.Path;

/** Databases as they are shipped, in a folder of the test. */
final class H2Databases {
    private H2Databases() {}

    static HikariDataSource open(Path folder) {
        return Databases.open(DatabaseSettings.file(folder, "hub"));
    }
}
