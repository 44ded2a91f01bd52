package io.bactrian.pubsub.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.JournalFolder;
import io.bactrian.pubsub.core.OutboxEntry;
import io.bactrian.support.thread.NamedThreads;
import io.bactrian.wire.BatchBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxJournalTest {
    private static final int BATCH_BYTES = 3 << 20;

    @TempDir
    Path folder;

    @Test
    void whatCannotBeDeletedIsNoReasonToWriteAgain() throws Exception {
        AtomicLong stored = new AtomicLong();
        try (OutboxJournal outbox = new OutboxJournal(folder, "p", NamedThreads.PLAIN, stored::set)) {
            outbox.recover();
            outbox.start();
            BatchBuilder builder = new BatchBuilder("p", "t", 1, 1);
            for (int i = 1; i <= 5; i++) {
                builder.append(new byte[BATCH_BYTES]);
                outbox.store(new OutboxEntry.Closed(builder.build()));
                int written = i;
                await().atMost(Duration.ofSeconds(60)).until(() -> stored.get() == written);
            }
            // The journal notes what it deletes in a file that it writes aside, here.
            Files.createDirectory(folder.resolve("journal.meta.aside"));
            outbox.decided("t", 4);
            outbox.store(new OutboxEntry.Accepted("t", 4));
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(60)).until(() -> stored.get() == 6);
            assertThat(JournalFolder.look(folder).end()).isEqualTo(6);
            Files.delete(folder.resolve("journal.meta.aside"));
            outbox.store(new OutboxEntry.Accepted("t", 4));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> JournalFolder.look(folder).first() > 1);
        }
    }
}
