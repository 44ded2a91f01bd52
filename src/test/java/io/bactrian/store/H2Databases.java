package io.bactrian.store;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;

/** Databases as they are shipped, in a folder of the test. */
final class H2Databases {
    private H2Databases() {}

    static HikariDataSource open(Path folder) {
        return Databases.open(DatabaseSettings.file(folder, "hub"));
    }
}
