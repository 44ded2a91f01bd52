package io.bactrian.pubsub.store;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class HubStoreOnH2Test extends HubStoreContract {
    @TempDir
    Path folder;

    private HikariDataSource dataSource;

    @BeforeEach
    @Override
    void openStore() throws Exception {
        dataSource = H2Databases.open(folder);
        super.openStore();
    }

    @AfterEach
    void close() {
        dataSource.close();
    }

    /** The same file in a new pool, so that a second look reads what a restarted hub would read. */
    @Override
    DataSource dataSource() {
        dataSource.close();
        dataSource = H2Databases.open(folder);
        return dataSource;
    }
}
