package io.bactrian.store;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/** The SQL of subscribers and their patterns. Runs in the transaction of {@link HubStore}, one at a time. */
final class SubscriberTables {
    private final JdbcTemplate jdbc;

    SubscriberTables(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    List<SubscriberState> all() {
        return jdbc.query(
                "select id, generation, log_epoch, last_position, created_ms, last_seen_ms, attached, expired_ms"
                        + " from bactrian_subscriber order by id",
                (row, n) -> new SubscriberState(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getLong(7),
                        row.getLong(8)));
    }

    List<SubscriptionState> subscriptions() {
        return jdbc.query(
                "select subscriber, kind, pattern, start_position, since_ms from bactrian_subscription"
                        + " order by subscriber, kind, pattern",
                (row, n) -> new SubscriptionState(
                        row.getString(1),
                        SubscriptionState.Kind.of(row.getInt(2)),
                        row.getString(3),
                        row.getLong(4),
                        row.getLong(5)));
    }

    int save(SubscriberState s) {
        Upsert.run(
                jdbc,
                List.of(s),
                "update bactrian_subscriber set generation = ?, log_epoch = ?, last_position = ?, created_ms = ?,"
                        + " last_seen_ms = ?, attached = ?, expired_ms = ? where id = ?",
                SubscriberTables::columns,
                "insert into bactrian_subscriber (generation, log_epoch, last_position, created_ms, last_seen_ms,"
                        + " attached, expired_ms, id) values (?, ?, ?, ?, ?, ?, ?, ?)",
                SubscriberTables::columns);
        return 1;
    }

    private static Object[] columns(SubscriberState s) {
        return new Object[] {
            s.generation(), s.logEpoch(), s.cursor(), s.createdMs(), s.lastSeenMs(), s.attached(), s.expiredMs(), s.id()
        };
    }

    int savePatterns(List<SubscriptionState> patterns) {
        Upsert.run(
                jdbc,
                patterns,
                "update bactrian_subscription set start_position = ?, since_ms = ?"
                        + " where subscriber = ? and kind = ? and pattern = ?",
                SubscriberTables::columns,
                "insert into bactrian_subscription (start_position, since_ms, subscriber, kind, pattern)"
                        + " values (?, ?, ?, ?, ?)",
                SubscriberTables::columns);
        return patterns.size();
    }

    private static Object[] columns(SubscriptionState s) {
        return new Object[] {s.start(), s.sinceMs(), s.subscriber(), s.kind().code(), s.pattern()};
    }

    int removePattern(String subscriber, SubscriptionState.Kind kind, String pattern) {
        return jdbc.update(
                "delete from bactrian_subscription where subscriber = ? and kind = ? and pattern = ?",
                subscriber,
                kind.code(),
                pattern);
    }

    int forget(String subscriber) {
        return jdbc.update("delete from bactrian_subscriber where id = ?", subscriber);
    }

    int expire(String subscriber, long atMs) {
        return jdbc.update("update bactrian_subscriber set expired_ms = ? where id = ?", atMs, subscriber);
    }

    int saveProgress(List<SubscriberProgress> progress) {
        List<Object[]> rows = progress.stream()
                .map(p -> new Object[] {p.logEpoch(), p.cursor(), p.lastSeenMs(), p.id(), p.generation()})
                .toList();
        if (!rows.isEmpty()) {
            jdbc.batchUpdate(
                    "update bactrian_subscriber set log_epoch = ?, last_position = ?, last_seen_ms = ?"
                            + " where id = ? and generation = ?",
                    rows);
        }
        return rows.size();
    }
}
