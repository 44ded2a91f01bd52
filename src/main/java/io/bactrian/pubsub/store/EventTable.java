package io.bactrian.pubsub.store;

import io.bactrian.pubsub.core.HubEvent;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/** The SQL of events. Runs in the transaction of {@link HubStore}, one at a time. */
final class EventTable {
    /** The oldest are dropped beyond this, so that a flapping subscriber does not fill the database. */
    static final int EVENTS_KEPT = 1000;

    private final JdbcTemplate jdbc;

    EventTable(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Adds an event; a range that a subscriber has lost and that has grown takes the place of what was told of it. */
    int add(HubEvent event) {
        boolean mayGrow = event.what().equals("range-lost") && event.subscriber() != null;
        int grown = mayGrow ? grow(event) : 0;
        if (grown > 0) {
            return grown;
        }
        jdbc.update(
                "insert into bactrian_event"
                        + " (at_ms, what, publisher, subscriber, topic, first_number, last_number, cause)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?)",
                event.atMs(),
                event.what(),
                event.publisher(),
                event.subscriber(),
                event.topic(),
                event.from(),
                event.to(),
                event.cause());
        return jdbc.update(
                "delete from bactrian_event where id <= (select max(id) from bactrian_event) - ?", EVENTS_KEPT);
    }

    private int grow(HubEvent event) {
        return jdbc.update(
                "update bactrian_event set last_number = greatest(last_number, ?)"
                        + " where what = ? and subscriber = ? and first_number = ? and cause = ?",
                event.to(),
                event.what(),
                event.subscriber(),
                event.from(),
                event.cause());
    }

    /** When the oldest one was, in ms since 1970; after all times if there is none. */
    long oldestMs() {
        Long oldest = jdbc.queryForObject("select min(at_ms) from bactrian_event", Long.class);
        return oldest == null ? Long.MAX_VALUE : oldest;
    }

    List<HubEvent> newest(int limit) {
        return jdbc.query(
                "select at_ms, what, publisher, subscriber, topic, first_number, last_number, cause"
                        + " from bactrian_event order by id desc fetch first ? rows only",
                (row, n) -> new HubEvent(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getLong(6),
                        row.getLong(7),
                        row.getString(8)),
                limit);
    }
}
