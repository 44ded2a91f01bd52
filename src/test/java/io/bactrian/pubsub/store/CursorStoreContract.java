package io.bactrian.pubsub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.core.ConfirmedPattern;
import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.CursorChanges;
import io.bactrian.pubsub.core.LastProcessed;
import io.bactrian.pubsub.core.SubscriberCursor;
import io.bactrian.support.database.StoreException;
import io.bactrian.wire.PatternKind;
import java.util.List;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What the cursor's table promises in a user's database, on every database. */
abstract class CursorStoreContract {
    private static final StoredCursor FIRST = new StoredCursor(new SubscriberCursor(0, 1, 10), OptionalLong.empty());
    private static final StoredCursor SECOND = new StoredCursor(new SubscriberCursor(1, 1, 5), OptionalLong.of(4096));

    /** An empty database, the same for every call within one test. */
    abstract DataSource dataSource();

    @Test
    void aNewSubscriberHasNoCursor() {
        assertThat(CursorStore.open(dataSource(), true).load("s")).isEmpty();
    }

    @Test
    void theLastSavedCursorIsThere() {
        CursorStore store = CursorStore.open(dataSource(), true);
        store.save("s", FIRST);
        store.save("s", SECOND);
        store.save("other", FIRST);
        CursorStore again = CursorStore.open(dataSource(), false);
        assertThat(again.load("s")).contains(SECOND);
        assertThat(again.load("other")).contains(FIRST);
        again.remove("s");
        assertThat(again.load("s")).isEmpty();
    }

    @Test
    void theCursorIsCommittedTogetherWithWhatTheRouteWrites() {
        CursorStore store = CursorStore.open(dataSource(), true);
        JdbcTemplate user = new JdbcTemplate(dataSource());
        user.execute("create table reading (text varchar(20))");
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(dataSource()));

        transaction.executeWithoutResult(status -> {
            user.update("insert into reading values ('kept')");
            store.save("s", FIRST);
        });
        transaction.executeWithoutResult(status -> {
            user.update("insert into reading values ('undone')");
            store.save("s", SECOND);
            status.setRollbackOnly();
        });

        assertThat(store.load("s")).contains(FIRST);
        assertThat(user.queryForList("select text from reading", String.class)).containsExactly("kept");
    }

    @Test
    void aPoolThatDoesNotCommitByItselfStillKeepsTheCursor() throws Exception {
        try (HikariDataSource pool = withoutAutoCommit()) {
            CursorStore.open(pool, false).save("s", FIRST);
        }
        assertThat(CursorStore.open(dataSource(), false).load("s")).contains(FIRST);
    }

    /** A second pool on the same database whose connections have auto-commit off. */
    abstract HikariDataSource withoutAutoCommit() throws Exception;

    @Test
    void aTableThatLacksAColumnIsReported() {
        new JdbcTemplate(dataSource()).execute("create table bactrian_cursor (subscriber varchar(255) primary key)");
        assertThatThrownBy(() -> CursorStore.open(dataSource(), false))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("bactrian_cursor")
                .hasMessageContaining("lacks a column");
    }

    @Test
    void aDatabaseOfAnOlderVersionKeepsItsCursors() {
        JdbcTemplate user = new JdbcTemplate(dataSource());
        user.execute(CursorStore.createStatements().get(0));
        user.update("insert into bactrian_cursor (subscriber, generation, log_epoch, position, output_length, updated)"
                + " values ('s', 1, 1, 5, 4096, current_timestamp)");
        CursorStore store = CursorStore.open(dataSource(), true);
        assertThat(store.load("s")).contains(SECOND);
        assertThat(store.last("s")).isEmpty();
        store.save("s", FIRST, new CursorChanges(List.of(number("p", 3)), List.of(), List.of(), List.of()));
        assertThat(CursorStore.open(dataSource(), true).last("s")).containsExactly(number("p", 3));
    }

    @Test
    void numbersOfAnOlderVersionAreKeptAndEachEpochGetsItsOwn() {
        JdbcTemplate user = new JdbcTemplate(dataSource());
        user.execute(
                "create table bactrian_processed (subscriber varchar(255) not null, publisher varchar(255) not null,"
                        + " topic varchar(255) not null, epoch bigint not null, last_sequence bigint not null,"
                        + " log_epoch bigint not null, position bigint not null, primary key (subscriber, publisher, topic))");
        user.update("insert into bactrian_processed values ('s', 'p', 't', 1, 30, 1, 3)");
        CursorStore store = CursorStore.open(dataSource(), true);
        LastProcessed later = new LastProcessed(new LastProcessed.MessageSource("p", "t"), 2, 1, 1, 4);
        store.save("s", FIRST, new CursorChanges(List.of(later), List.of(), List.of(), List.of()));
        assertThat(CursorStore.open(dataSource(), true).last("s")).containsExactly(number("p", 3), later);
        assertThatThrownBy(() -> user.update("insert into bactrian_processed values ('s', 'p', 't', 2, 9, 9, 9)"))
                .as("there is a key")
                .isInstanceOf(DataAccessException.class);
        assertThat(user.queryForObject("select count(*) from bactrian_processed", Long.class))
                .isEqualTo(2);
    }

    @Test
    void patternsOfAnOlderVersionAreKeptWithoutTheirStarts() {
        JdbcTemplate user = new JdbcTemplate(dataSource());
        user.execute(
                "create table bactrian_pattern (subscriber varchar(255) not null, kind integer not null,"
                        + " pattern varchar(255) not null, log_epoch bigint not null, primary key (subscriber, kind, pattern))");
        user.update("insert into bactrian_pattern (subscriber, kind, pattern, log_epoch) values ('s', 1, 't', 3)");
        CursorStore store = CursorStore.open(dataSource(), true);
        ConfirmedPattern former = new ConfirmedPattern(PatternKind.PREFIX, "t", 3, 0);
        assertThat(store.patterns("s")).containsExactly(former);
        store.save("s", FIRST, new CursorChanges(List.of(), List.of(), List.of(prefix("t", 4)), List.of()));
        assertThat(CursorStore.open(dataSource(), true).patterns("s")).containsExactly(prefix("t", 4));
    }

    @Test
    void theLastNumbersAreThereTheQuietestFirst() {
        CursorStore store = CursorStore.open(dataSource(), true);
        store.save(
                "s",
                FIRST,
                new CursorChanges(
                        List.of(number("p", 1), number("q", 2), number("r", 3)), List.of(), List.of(), List.of()));
        store.save("other", FIRST, new CursorChanges(List.of(number("p", 9)), List.of(), List.of(), List.of()));
        store.save(
                "s",
                FIRST,
                new CursorChanges(
                        List.of(number("p", 4)),
                        List.of(new LastProcessed.Key(new LastProcessed.MessageSource("q", "t"), 1)),
                        List.of(),
                        List.of()));
        CursorStore again = CursorStore.open(dataSource(), false);
        assertThat(again.last("s")).containsExactly(number("r", 3), number("p", 4));
        again.remove("s");
        assertThat(again.last("s")).isEmpty();
        assertThat(again.last("other")).containsExactly(number("p", 9));
    }

    @Test
    void patternsAreKeptWithTheCursor() {
        CursorStore store = CursorStore.open(dataSource(), true);
        store.save(
                "s",
                FIRST,
                new CursorChanges(
                        List.of(), List.of(), List.of(topic("t", 1), prefix("", 1), prefix("t", 1)), List.of()));
        store.save("other", FIRST, new CursorChanges(List.of(), List.of(), List.of(topic("t", 9)), List.of()));
        store.save(
                "s", FIRST, new CursorChanges(List.of(), List.of(), List.of(topic("t", 2)), List.of(prefix("t", 1))));
        CursorStore again = CursorStore.open(dataSource(), false);
        assertThat(again.patterns("s")).containsExactly(topic("t", 2), prefix("", 1));
        again.remove("s");
        assertThat(again.patterns("s")).isEmpty();
        assertThat(again.patterns("other")).containsExactly(topic("t", 9));
    }

    private static ConfirmedPattern topic(String pattern, int logEpoch) {
        return new ConfirmedPattern(PatternKind.TOPIC, pattern, logEpoch, 10L * logEpoch);
    }

    private static ConfirmedPattern prefix(String pattern, int logEpoch) {
        return new ConfirmedPattern(PatternKind.PREFIX, pattern, logEpoch, 10L * logEpoch);
    }

    private static LastProcessed number(String publisher, long at) {
        return new LastProcessed(new LastProcessed.MessageSource(publisher, "t"), 1, 10 * at, 1, at);
    }

    @Test
    void theLastNumbersAreCommittedWithTheCursorOrNotAtAll() {
        CursorStore store = CursorStore.open(dataSource(), true);
        store.save("s", FIRST, new CursorChanges(List.of(number("p", 1)), List.of(), List.of(), List.of()));
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(dataSource()));
        transaction.executeWithoutResult(status -> {
            store.save(
                    "s",
                    SECOND,
                    new CursorChanges(List.of(number("p", 2), number("q", 3)), List.of(), List.of(), List.of()));
            status.setRollbackOnly();
        });
        assertThat(store.load("s")).contains(FIRST);
        assertThat(store.last("s")).containsExactly(number("p", 1));
    }

    @Test
    void aTableThatTheUserHasCreatedIsTaken() {
        CursorStore.createStatements().forEach(new JdbcTemplate(dataSource())::execute);
        CursorStore store = CursorStore.open(dataSource(), false);
        store.save("s", SECOND);
        assertThat(store.load("s")).contains(SECOND);
    }

    @Test
    void theHubsTablesAndTheCursorsShareADatabaseWithTablesOfOthers() {
        JdbcTemplate user = new JdbcTemplate(dataSource());
        user.execute("create table orders (id bigint primary key)");
        CursorStore.open(dataSource(), false).save("s", FIRST);
        HubStore.open(dataSource()).apply(List.of(new ControlRecord.Granted("p", 1, 1, 0)));
        assertThat(CursorStore.open(dataSource(), false).load("s")).contains(FIRST);
        assertThat(HubStore.open(dataSource()).load().publishers()).hasSize(1);
        assertThat(user.queryForList("select id from orders", Long.class)).isEmpty();
    }
}
