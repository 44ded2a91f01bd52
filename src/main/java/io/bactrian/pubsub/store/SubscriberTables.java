package io.bactrian.pubsub.store;

import io.bactrian.support.database.Upsert;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/** The SQL of subscribers and their patterns. Runs in the transaction of {@link HubStore}, one at a time. */
final class SubscriberTables {
    private static final String SELECT_PATTERNS =
            "select subscriber, kind, pattern, start_position, done_to, ended from bactrian_subscription";
    private static final RowMapper<SubscriptionState> PATTERN = (row, n) -> new SubscriptionState(
            row.getString(1),
            SubscriptionState.Kind.of(row.getInt(2)),
            row.getString(3),
            row.getLong(4),
            row.getLong(5),
            row.getBoolean(6));

    private final JdbcTemplate jdbc;

    SubscriberTables(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    List<SubscriberState> all() {
        return jdbc.query(
                "select id, generation, log_epoch, last_position, passed_to, had_to, last_seen_ms from bactrian_subscriber"
                        + " order by id",
                (row, n) -> new SubscriberState(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getLong(7)));
    }

    List<SubscriptionState> subscriptions() {
        return jdbc.query(SELECT_PATTERNS + " order by subscriber, kind, pattern, start_position", PATTERN);
    }

    int save(SubscriberState s) {
        Upsert.run(
                jdbc,
                List.of(s),
                "update bactrian_subscriber set generation = ?, log_epoch = ?, last_position = ?, passed_to = ?, had_to = ?,"
                        + " last_seen_ms = ? where id = ?",
                SubscriberTables::columns,
                "insert into bactrian_subscriber (generation, log_epoch, last_position, passed_to, had_to, last_seen_ms,"
                        + " id) values (?, ?, ?, ?, ?, ?, ?)",
                SubscriberTables::columns);
        return 1;
    }

    private static Object[] columns(SubscriberState s) {
        return new Object[] {s.generation(), s.logEpoch(), s.cursor(), s.passedTo(), s.hadTo(), s.lastSeenMs(), s.id()};
    }

    /** Makes the patterns of a subscriber these; what is already there is left alone. */
    int replacePatterns(String subscriber, Collection<SubscriptionState> patterns) {
        Set<SubscriptionState> there =
                new HashSet<>(jdbc.query(SELECT_PATTERNS + " where subscriber = ?", PATTERN, subscriber));
        List<Object[]> gone = there.stream()
                .filter(p -> !patterns.contains(p))
                .map(p -> new Object[] {subscriber, p.kind().code(), p.pattern(), p.start()})
                .toList();
        if (!gone.isEmpty()) {
            jdbc.batchUpdate(
                    "delete from bactrian_subscription"
                            + " where subscriber = ? and kind = ? and pattern = ? and start_position = ?",
                    gone);
        }
        List<Object[]> fresh = patterns.stream()
                .filter(p -> !there.contains(p))
                .map(p -> new Object[] {subscriber, p.kind().code(), p.pattern(), p.start(), p.doneTo(), p.ended()})
                .toList();
        if (!fresh.isEmpty()) {
            jdbc.batchUpdate(
                    "insert into bactrian_subscription (subscriber, kind, pattern, start_position, done_to, ended)"
                            + " values (?, ?, ?, ?, ?, ?)",
                    fresh);
        }
        return gone.size() + fresh.size();
    }

    int forget(String subscriber) {
        return jdbc.update("delete from bactrian_subscriber where id = ?", subscriber);
    }

    int saveProgress(List<SubscriberProgress> progress) {
        List<Object[]> rows = progress.stream()
                .map(p -> new Object[] {p.logEpoch(), p.cursor(), p.passedTo(), p.lastSeenMs(), p.id(), p.generation()})
                .toList();
        if (!rows.isEmpty()) {
            jdbc.batchUpdate(
                    "update bactrian_subscriber set log_epoch = ?, last_position = ?, passed_to = ?, last_seen_ms = ?"
                            + " where id = ? and generation = ?",
                    rows);
        }
        return rows.size();
    }
}
