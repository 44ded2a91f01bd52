package io.bactrian.gateway.routes;

import io.bactrian.support.database.DatabaseSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The shipped default: an H2 file that several processes share. */
class GatewayTablesOnH2Test extends GatewayTablesContract {
    @TempDir
    Path folder;

    @Override
    DatabaseSettings settings() {
        return DatabaseSettings.shared(folder, "gateway");
    }
}
