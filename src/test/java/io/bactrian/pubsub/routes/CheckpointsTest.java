package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.journal.log.SyncMode;
import io.bactrian.pubsub.core.HubFeed;
import io.bactrian.pubsub.core.HubIntake;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.store.HubState;
import io.bactrian.pubsub.store.HubStore;
import io.bactrian.pubsub.store.SequenceState;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Command;
import io.bactrian.wire.TopicSequence;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the database holds of the log after a checkpoint must be enough to go on, and never more than the log has. */
class CheckpointsTest {
    @TempDir
    Path folder;

    private HikariDataSource database;
    private HubStore store;
    private Journal journal;
    private HubIntake intake;
    private HubFeed feed;

    @BeforeEach
    void open() {
        database = Databases.open(DatabaseSettings.file(folder, "hub"));
        store = HubStore.open(database);
        journal = Journal.open(
                folder.resolve("log"),
                JournalSettings.builder().sync(SyncMode.NEVER).build());
        StoreRegistry registry = new StoreRegistry(store, Clock.systemUTC());
        JournalLog log = new JournalLog(journal);
        intake = new HubIntake(registry, log, HubLimits.defaults(), (topic, bytes, nowMs) -> null);
        feed = new HubFeed(log, registry, HubLimits.defaults(), 1);
        intake.hello(new Command.Hello("p", 1), 0);
        intake.open(new Command.Open("p", 1, List.of(new TopicSequence("a", 0), new TopicSequence("b", 0))), 0);
    }

    @AfterEach
    void close() {
        journal.close();
        database.close();
    }

    private void log(Checkpoints checkpoints, String topic) {
        BatchBuilder builder = new BatchBuilder("p", topic, 1, 1);
        builder.append(new byte[10]);
        Batch batch = builder.build();
        intake.admit(batch, 0);
        journal.append(List.of(new NewEntry(1, batch.bytes())));
        intake.appended(batch);
        checkpoints.changed("p", topic);
    }

    @Test
    void theDatabaseIsNotAheadOfWhatTheDiskHas() {
        Checkpoints checkpoints = new Checkpoints(store, journal, new TopicLedger(), Clock.systemUTC());
        log(checkpoints, "a");

        checkpoints.write(intake, feed);

        assertThat(store.load().sequences()).containsExactly(new SequenceState("p", "a", 1));
        assertThat(journal.syncedEnd()).isEqualTo(1);
    }

    @Test
    void aCheckpointDoesNotOvertakeAnother() throws Exception {
        Held clock = new Held();
        Checkpoints checkpoints = new Checkpoints(store, journal, new TopicLedger(), clock);
        log(checkpoints, "a");
        Thread first = new Thread(() -> checkpoints.write(intake, feed));
        first.start();
        clock.asked.await();
        log(checkpoints, "b");
        journal.sync();
        Thread second = new Thread(() -> checkpoints.write(intake, feed));
        second.start();
        second.join(1_000);

        HubState killedNow = store.load();
        if (killedNow.position() > 0) {
            assertThat(killedNow.sequences()).contains(new SequenceState("p", "a", 1));
        }
        clock.goOn.countDown();
        first.join();
        second.join();
        assertThat(store.load().position()).isEqualTo(2);
    }

    /** Keeps the first who asks waiting. */
    private static final class Held extends Clock {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            if (asked.getCount() > 0) {
                asked.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return Instant.EPOCH;
        }
    }
}
