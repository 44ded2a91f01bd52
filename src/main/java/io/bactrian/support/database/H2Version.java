package io.bactrian.support.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells once, when a database is opened, that H2 is of another version than the one whose durability is tested. Any thread. */
final class H2Version {
    static final String TESTED = "2.4.240";

    private static final Logger LOG = LoggerFactory.getLogger(H2Version.class);
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private H2Version() {}

    static void tell(DataSource database) throws SQLException {
        try (Connection connection = database.getConnection()) {
            // Such as "2.4.240 (2025-09-22)".
            warning(connection.getMetaData().getDriverVersion().split(" ", 2)[0])
                    .filter(TOLD::add)
                    .ifPresent(LOG::warn);
        }
    }

    static Optional<String> warning(String version) {
        return version.equals(TESTED)
                ? Optional.empty()
                : Optional.of("H2 is " + version + ", but only " + TESTED
                        + " is tested to keep after a crash what was synced; set the version"
                        + " of com.h2database:h2 to " + TESTED + " (in Spring Boot: the Maven property h2.version)");
    }
}
