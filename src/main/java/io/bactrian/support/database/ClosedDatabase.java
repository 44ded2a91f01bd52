package io.bactrian.support.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Has the pool throw away connections to an H2 database that has closed itself, as H2 does when it cannot write, on a
 * full disk say: they never work again, but new ones open the database anew.
 */
final class ClosedDatabase implements SQLExceptionOverride {
    /** H2's DATABASE_IS_CLOSED. */
    private static final int DATABASE_IS_CLOSED = 90098;

    @java.lang.Override
    public Override adjudicate(SQLException e) {
        return e.getErrorCode() == DATABASE_IS_CLOSED ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }
}
