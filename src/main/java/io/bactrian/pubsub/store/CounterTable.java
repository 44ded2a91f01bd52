package io.bactrian.pubsub.store;

import io.bactrian.pubsub.core.LogPosition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;

/** The SQL of the numbers that stand alone. Runs in the transaction of {@link HubStore}, one at a time. */
final class CounterTable {
    static final String PUBLISHER_EPOCH = "publisher-epoch";
    static final String LOG_IDENTITY = "log-identity";
    /** Before the identity of a log: below this position it may be deleted. */
    private static final String PURGED = "log-purged-";
    /** Before the number of a log epoch whose end was lost: how far the log had reached. */
    static final String REACHED = "log-reached-";

    /** Before the identity of a log and one of its epochs: what is added to it from there on. */
    private static final String LIFE = "log-life-";

    private static final String APPLIED_EPOCH = "applied-epoch";
    private static final String APPLIED_POSITION = "applied-position";

    private final JdbcTemplate jdbc;

    CounterTable(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Sets a number, unless it is higher. */
    int raise(String name, long value) {
        int updated = jdbc.update(
                "update bactrian_counter set last_value = case when last_value < ? then ? else last_value end"
                        + " where name = ?",
                value,
                value,
                name);
        return updated > 0 ? updated : insert(name, value);
    }

    int set(String name, long value) {
        int updated = jdbc.update("update bactrian_counter set last_value = ? where name = ?", value, name);
        return updated > 0 ? updated : insert(name, value);
    }

    private int insert(String name, long value) {
        return jdbc.update("insert into bactrian_counter (name, last_value) values (?, ?)", name, value);
    }

    /** The number of the log, 0 if it is not known. */
    long logIdentity() {
        return value(LOG_IDENTITY);
    }

    /** Up to where the control records of the log are in the tables. */
    LogPosition applied() {
        return new LogPosition(Math.toIntExact(value(APPLIED_EPOCH)), value(APPLIED_POSITION));
    }

    int applied(LogPosition upTo) {
        return set(APPLIED_EPOCH, upTo.epoch()) + set(APPLIED_POSITION, upTo.position());
    }

    int purged(long identity, long before) {
        return raise(PURGED + Long.toHexString(identity), before);
    }

    /** The position below which a log may be deleted, 0 if that was never said. */
    long purgedBefore(long identity) {
        return value(PURGED + Long.toHexString(identity));
    }

    private long value(String name) {
        List<Long> found =
                jdbc.queryForList("select last_value from bactrian_counter where name = ?", Long.class, name);
        return found.isEmpty() ? 0 : found.get(0);
    }

    /** From an epoch of a log on, so much is added. */
    int setLife(long identity, int fromEpoch, int life) {
        return set(lifeOf(identity) + fromEpoch, life);
    }

    private static String lifeOf(long identity) {
        return LIFE + Long.toHexString(identity) + "-";
    }

    /** What is added to the epochs of a log, by the first epoch to which it is. */
    Map<Integer, Integer> lives(long identity) {
        String prefix = lifeOf(identity);
        Map<Integer, Integer> lives = new HashMap<>();
        jdbc.query(
                "select name, last_value from bactrian_counter where name like ?",
                row -> {
                    lives.put(Integer.valueOf(row.getString(1).substring(prefix.length())), row.getInt(2));
                },
                prefix + "%");
        return lives;
    }

    /** For each log epoch whose end was lost, how far the log had reached. */
    Map<Integer, Long> reached() {
        Map<Integer, Long> reached = new HashMap<>();
        jdbc.query("select name, last_value from bactrian_counter where name like '" + REACHED + "%'", row -> {
            reached.put(Integer.valueOf(row.getString(1).substring(REACHED.length())), row.getLong(2));
        });
        return reached;
    }
}
