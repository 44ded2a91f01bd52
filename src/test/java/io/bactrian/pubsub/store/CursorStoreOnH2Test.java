package io.bactrian.pubsub.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class CursorStoreOnH2Test extends CursorStoreContract {
    @TempDir
    Path folder;

    private HikariDataSource dataSource;

    @BeforeEach
    void open() {
        dataSource = H2Databases.open(folder);
    }

    @AfterEach
    void close() {
        dataSource.close();
    }

    @Override
    DataSource dataSource() {
        return dataSource;
    }

    @Override
    HikariDataSource withoutAutoCommit() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(dataSource.getJdbcUrl());
        config.setUsername(dataSource.getUsername());
        config.setPassword(dataSource.getPassword());
        config.setAutoCommit(false);
        return new HikariDataSource(config);
    }
}
