package io.bactrian.pubsub.store;

import io.bactrian.pubsub.core.Checkpoint;
import io.bactrian.pubsub.core.SegmentTopic;
import io.bactrian.support.database.Upsert;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/** The SQL of the checkpoint and of the segments' topics. Runs in the transaction of {@link HubStore}, one at a time. */
final class LogTables {
    private final JdbcTemplate jdbc;

    LogTables(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** What a checkpoint has said: the log epoch, the position, and when. */
    record Saved(int logEpoch, long position, long atMs) {}

    Saved checkpoint() {
        List<Saved> saved = jdbc.query(
                "select log_epoch, last_position, saved_ms from bactrian_checkpoint where id = 1",
                (row, n) -> new Saved(Math.toIntExact(row.getLong(1)), row.getLong(2), row.getLong(3)));
        if (saved.isEmpty()) {
            throw new IllegalStateException("bactrian_checkpoint has lost its row: restore it from a backup");
        }
        return saved.get(0);
    }

    /** Says of tables without a row that nothing was ever saved. */
    void begin() {
        jdbc.update("insert into bactrian_checkpoint (id, log_epoch, last_position, saved_ms) values (1, 0, 0, 0)");
    }

    List<SegmentTopic> segments() {
        return jdbc.query(
                "select segment_position, topic, byte_count, message_count, last_timestamp_ms"
                        + " from bactrian_segment_topic order by segment_position, topic",
                (row, n) -> new SegmentTopic(
                        row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4), row.getLong(5)));
    }

    int save(Checkpoint checkpoint) {
        Upsert.run(
                jdbc,
                checkpoint.segments(),
                "update bactrian_segment_topic set byte_count = ?, message_count = ?, last_timestamp_ms = ?"
                        + " where segment_position = ? and topic = ?",
                LogTables::columns,
                "insert into bactrian_segment_topic"
                        + " (byte_count, message_count, last_timestamp_ms, segment_position, topic)"
                        + " values (?, ?, ?, ?, ?)",
                LogTables::columns);
        jdbc.update("delete from bactrian_segment_topic where segment_position < ?", checkpoint.firstPosition());
        return jdbc.update(
                "update bactrian_checkpoint set log_epoch = ?, last_position = ?, saved_ms = ? where id = 1",
                checkpoint.logEpoch(),
                checkpoint.position(),
                checkpoint.atMs());
    }

    private static Object[] columns(SegmentTopic s) {
        return new Object[] {s.bytes(), s.messages(), s.lastTimestampMs(), s.segmentPosition(), s.topic()};
    }
}
