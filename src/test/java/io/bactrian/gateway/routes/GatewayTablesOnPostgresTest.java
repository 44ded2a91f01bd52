package io.bactrian.gateway.routes;

import io.bactrian.pubsub.store.PostgresServer;
import io.bactrian.support.database.DatabaseSettings;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** What workers on several machines share. */
@Tag("system")
class GatewayTablesOnPostgresTest extends GatewayTablesContract {
    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.stop();
        }
    }

    @Override
    DatabaseSettings settings() throws SQLException {
        return server.newSettings();
    }
}
