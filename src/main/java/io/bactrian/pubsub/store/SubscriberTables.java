package io.bactrian.pubsub.store;

import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.DurableSubscription;
import io.bactrian.support.database.Upsert;
import io.bactrian.wire.PatternKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;

/** The SQL of subscribers and their patterns. Runs in the transaction of {@link HubStore}, one at a time. */
final class SubscriberTables {
    private final JdbcTemplate jdbc;

    SubscriberTables(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** All subscribers by id, each with its patterns by kind, text and start. */
    List<DurableSubscriber> all() {
        Map<String, List<DurableSubscription>> patterns = new HashMap<>();
        jdbc.query(
                "select subscriber, kind, pattern, start_position, done_to, ended from bactrian_subscription"
                        + " order by subscriber, kind, pattern, start_position",
                row -> {
                    patterns.computeIfAbsent(row.getString(1), key -> new ArrayList<>())
                            .add(new DurableSubscription(
                                    kind(row.getInt(2)),
                                    row.getString(3),
                                    row.getLong(4),
                                    row.getLong(5),
                                    row.getBoolean(6)));
                });
        return jdbc.query(
                "select id, generation, log_epoch, last_position, passed_to, had_to, last_seen_ms from bactrian_subscriber"
                        + " order by id",
                (row, n) -> new DurableSubscriber(
                        row.getString(1),
                        Math.toIntExact(row.getLong(2)),
                        Math.toIntExact(row.getLong(3)),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getLong(7),
                        patterns.getOrDefault(row.getString(1), List.of())));
    }

    int save(ControlRecord.SubscriberSaved saved) {
        Upsert.run(
                jdbc,
                List.of(saved.subscriber()),
                "update bactrian_subscriber set generation = ?, log_epoch = ?, last_position = ?, passed_to = ?, had_to = ?,"
                        + " last_seen_ms = ? where id = ?",
                SubscriberTables::columns,
                "insert into bactrian_subscriber (generation, log_epoch, last_position, passed_to, had_to, last_seen_ms,"
                        + " id) values (?, ?, ?, ?, ?, ?, ?)",
                SubscriberTables::columns);
        String subscriber = saved.subscriber().id();
        List<Object[]> gone = Stream.concat(saved.gone().stream(), saved.fresh().stream())
                .map(p -> new Object[] {subscriber, p.kind().number(), p.pattern(), p.start()})
                .toList();
        if (!gone.isEmpty()) {
            jdbc.batchUpdate(
                    "delete from bactrian_subscription"
                            + " where subscriber = ? and kind = ? and pattern = ? and start_position = ?",
                    gone);
        }
        List<Object[]> fresh = saved.fresh().stream()
                .map(p -> new Object[] {
                    subscriber, p.kind().number(), p.pattern(), p.start(), p.processedUpTo(), p.ended()
                })
                .toList();
        if (!fresh.isEmpty()) {
            jdbc.batchUpdate(
                    "insert into bactrian_subscription (subscriber, kind, pattern, start_position, done_to, ended)"
                            + " values (?, ?, ?, ?, ?, ?)",
                    fresh);
        }
        return gone.size() + fresh.size();
    }

    private static Object[] columns(DurableSubscriber s) {
        return new Object[] {
            s.generation(), s.logEpoch(), s.cursor(), s.purgedUpTo(), s.receivedUpTo(), s.lastSeenMs(), s.id()
        };
    }

    int forget(String subscriber) {
        return jdbc.update("delete from bactrian_subscriber where id = ?", subscriber);
    }

    int saveProgress(List<DurableSubscriber> progress) {
        List<Object[]> rows = progress.stream()
                .map(p ->
                        new Object[] {p.logEpoch(), p.cursor(), p.purgedUpTo(), p.lastSeenMs(), p.id(), p.generation()})
                .toList();
        if (!rows.isEmpty()) {
            jdbc.batchUpdate(
                    "update bactrian_subscriber set log_epoch = ?, last_position = ?, passed_to = ?, last_seen_ms = ?"
                            + " where id = ? and generation = ?",
                    rows);
        }
        return rows.size();
    }

    static PatternKind kind(int number) {
        return number == PatternKind.TOPIC.number() ? PatternKind.TOPIC : PatternKind.PREFIX;
    }
}
