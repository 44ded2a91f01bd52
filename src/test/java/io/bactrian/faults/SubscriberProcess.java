package io.bactrian.faults;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.client.Acknowledge;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A subscriber to be killed: {@code id port folder ends}. It writes what it gets to a table, in one transaction with its
 * cursor, says {@code got n} now and then, and ends when it has seen so many ends.
 */
final class SubscriberProcess {
    static final String CREATE = "create table if not exists got (position bigint primary key, body varchar(100))";
    private static final int TRANSACTION_MESSAGES = 50;

    private SubscriberProcess() {}

    public static void main(String[] args) throws Exception {
        int ends = Integer.parseInt(args[3]);
        try (HikariDataSource dataSource = Databases.open(DatabaseSettings.file(Path.of(args[2]), "got"))) {
            JdbcTemplate jdbc = new JdbcTemplate(dataSource);
            jdbc.execute(CREATE);
            ClientSettings settings = ClientSettings.builder(args[0])
                    .subscribePort(Integer.parseInt(args[1]))
                    .dataSource(dataSource)
                    .acknowledge(Acknowledge.TRANSACTIONAL)
                    .requestTime(Duration.ofMinutes(2))
                    .build();
            TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
            try (Subscriber subscriber = Subscriber.open(settings)) {
                subscriber.subscribe("numbers/*", Start.OLDEST).get(2, TimeUnit.MINUTES);
                // Counted once: to look through the table after each transaction would take most of the time.
                for (int ended = ended(jdbc); ended < ends; ) {
                    ended += take(subscriber, jdbc, transaction);
                }
            }
            System.out.println("done");
        }
    }

    /** Takes a few messages, and returns how many ends are among them. */
    private static int take(Subscriber subscriber, JdbcTemplate jdbc, TransactionTemplate transaction)
            throws InterruptedException {
        List<Message> messages = new ArrayList<>();
        Message next = subscriber.get(Duration.ofMillis(200));
        while (next != null) {
            messages.add(next);
            next = messages.size() < TRANSACTION_MESSAGES ? subscriber.get(Duration.ZERO) : null;
        }
        if (messages.isEmpty()) {
            return 0;
        }
        List<Object[]> rows = messages.stream()
                .map(m -> new Object[] {m.position(), new String(m.body(), StandardCharsets.UTF_8)})
                .toList();
        transaction.executeWithoutResult(status -> {
            jdbc.batchUpdate("insert into got values (?, ?)", rows);
            subscriber.processed(messages.get(messages.size() - 1));
        });
        System.out.println("got " + messages.get(messages.size() - 1).position());
        return (int)
                rows.stream().filter(row -> ((String) row[1]).endsWith(":end")).count();
    }

    private static int ended(JdbcTemplate jdbc) {
        Integer count = jdbc.queryForObject("select count(*) from got where body like '%:end'", Integer.class);
        return count == null ? 0 : count;
    }
}
