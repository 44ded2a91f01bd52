package io.bactrian.pubsub.store;

import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.GrantState;
import io.bactrian.pubsub.core.PublisherState;
import io.bactrian.pubsub.core.SequenceState;
import io.bactrian.support.database.Upsert;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;

/** The SQL of publishers, their grants and their sequences. Runs in the transaction of {@link HubStore}, one at a time. */
final class PublisherTables {
    /** How many grants of a publisher are remembered: a bound against one that says hello in a loop. */
    static final int GRANTS_KEPT = 8;

    /** A row of {@code bactrian_counter}, there once a hub was restored. */
    static final String FORMER_EPOCHS = "publisher-epoch-former";

    private final JdbcTemplate jdbc;

    PublisherTables(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    List<PublisherState> all() {
        return jdbc.query(
                "select id, granted_epoch, open_epoch, created_ms, last_seen_ms from bactrian_publisher order by id",
                (row, n) -> new PublisherState(
                        row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)));
    }

    List<SequenceState> sequences() {
        return jdbc.query(
                "select publisher, topic, last_sequence from bactrian_sequence order by publisher, topic",
                (row, n) -> new SequenceState(row.getString(1), row.getString(2), row.getLong(3)));
    }

    /** The last grants of each publisher, the oldest first. */
    List<GrantState> grants() {
        return jdbc.query(
                "select publisher, instance, epoch from bactrian_grant order by epoch",
                (row, n) -> new GrantState(row.getString(1), row.getLong(2), row.getLong(3)));
    }

    /** The highest epoch that was ever granted. */
    long lastEpoch() {
        List<Long> counter =
                jdbc.queryForList("select last_value from bactrian_counter where name = 'publisher-epoch'", Long.class);
        if (counter.size() != 1) {
            throw new IllegalStateException("bactrian_counter has no row 'publisher-epoch': restore it from a backup");
        }
        return counter.get(0);
    }

    int granted(ControlRecord.Granted granted) {
        jdbc.update(
                "update bactrian_counter set last_value = ? where name = 'publisher-epoch' and last_value < ?",
                granted.epoch(),
                granted.epoch());
        int updated = jdbc.update(
                "update bactrian_publisher set granted_epoch = case when granted_epoch < ? then ? else granted_epoch end,"
                        + " last_seen_ms = ? where id = ?",
                granted.epoch(),
                granted.epoch(),
                granted.atMs(),
                granted.publisher());
        if (updated == 0) {
            insert(granted.publisher(), granted.epoch(), 0, granted.atMs());
        }
        jdbc.update(
                "delete from bactrian_grant where publisher = ? and instance = ?",
                granted.publisher(),
                granted.instance());
        jdbc.update(
                "insert into bactrian_grant (publisher, instance, epoch) values (?, ?, ?)",
                granted.publisher(),
                granted.instance(),
                granted.epoch());
        return forgetOldGrants(granted.publisher());
    }

    private int insert(String publisher, long granted, long inForce, long nowMs) {
        return jdbc.update(
                "insert into bactrian_publisher (id, granted_epoch, open_epoch, created_ms, last_seen_ms)"
                        + " values (?, ?, ?, ?, ?)",
                publisher,
                granted,
                inForce,
                nowMs,
                nowMs);
    }

    private int forgetOldGrants(String publisher) {
        List<Long> epochs = jdbc.queryForList(
                "select epoch from bactrian_grant where publisher = ? order by epoch desc", Long.class, publisher);
        return epochs.size() <= GRANTS_KEPT
                ? 0
                : jdbc.update(
                        "delete from bactrian_grant where publisher = ? and epoch <= ?",
                        publisher,
                        epochs.get(GRANTS_KEPT));
    }

    int opened(ControlRecord.Opened opened) {
        int updated = jdbc.update(
                "update bactrian_publisher set last_seen_ms = ?,"
                        + " open_epoch = case when open_epoch < ? then ? else open_epoch end,"
                        + " granted_epoch = case when granted_epoch < ? then ? else granted_epoch end where id = ?",
                opened.atMs(),
                opened.epoch(),
                opened.epoch(),
                opened.epoch(),
                opened.epoch(),
                opened.publisher());
        if (updated == 0) {
            insert(opened.publisher(), opened.epoch(), opened.epoch(), opened.atMs());
        }
        return jdbc.update(
                "delete from bactrian_grant where publisher = ? and epoch < ?", opened.publisher(), opened.epoch());
    }

    /** The epoch up to which lives that are lost may have granted, 0 if there is none. */
    long formerEpochs() {
        return jdbc
                .queryForList("select last_value from bactrian_counter where name = ?", Long.class, FORMER_EPOCHS)
                .stream()
                .findFirst()
                .orElse(0L);
    }

    int touch(Map<String, Long> lastSeenMs) {
        List<Object[]> rows = lastSeenMs.entrySet().stream()
                .map(seen -> new Object[] {seen.getValue(), seen.getKey(), seen.getValue()})
                .toList();
        jdbc.batchUpdate("update bactrian_publisher set last_seen_ms = ? where id = ? and last_seen_ms < ?", rows);
        return rows.size();
    }

    int forget(String publisher) {
        return jdbc.update("delete from bactrian_publisher where id = ?", publisher);
    }

    int saveSequences(List<SequenceState> sequences) {
        Upsert.run(
                jdbc,
                sequences,
                // What the log repeats of an earlier moment may come after a checkpoint that has seen more.
                "update bactrian_sequence set last_sequence = case when last_sequence < ? then ? else last_sequence end"
                        + " where publisher = ? and topic = ?",
                s -> new Object[] {s.lastSequence(), s.lastSequence(), s.publisher(), s.topic()},
                // A publisher that was forgotten meanwhile must not come back as a row without an owner.
                "insert into bactrian_sequence (publisher, topic, last_sequence)"
                        + " select id, ?, ? from bactrian_publisher where id = ?",
                s -> new Object[] {s.topic(), s.lastSequence(), s.publisher()});
        return sequences.size();
    }
}
