package io.bactrian.support.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;

/**
 * Has the pool throw away connections to an H2 database that has closed itself, as H2 does when it cannot write, on a
 * full disk say: they never work again, but new ones open the database anew.
 */
final class ClosedDatabase implements SQLExceptionOverride {
    /** H2's DATABASE_IS_CLOSED, DATABASE_CALLED_AT_SHUTDOWN (a session without its server) and CONNECTION_BROKEN_1. */
    private static final Set<Integer> NEVER_AGAIN = Set.of(90098, 90121, 90067);

    @java.lang.Override
    public Override adjudicate(SQLException e) {
        return NEVER_AGAIN.contains(e.getErrorCode()) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }
}
