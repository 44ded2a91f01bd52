package io.bactrian.pubsub.store;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.core.Checkpoint;
import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.DurableSubscription;
import io.bactrian.pubsub.core.HubState;
import io.bactrian.pubsub.core.LogPosition;
import io.bactrian.pubsub.core.SegmentTopic;
import io.bactrian.pubsub.core.SequenceState;
import io.bactrian.pubsub.core.SubscriberCursor;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.wire.PatternKind;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;

/**
 * Writes to a store as fast as it can and prints what was acknowledged, until it is killed.
 *
 * <p>Arguments: folder, then {@code hold} to open one database only, or {@code write}, a setting for H2's URL, and how many databases to write to at
 * once, each in a folder of its own. With {@code write} it prints for each database what it found as
 * {@code found database epoch position generation cursor committed}, then {@code saved database N} each time after round N has returned.
 */
final class StoreWriter {
    private StoreWriter() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path folder = Path.of(arguments[0]);
        if (arguments[1].equals("hold")) {
            try (HikariDataSource database = open(folder, "")) {
                System.out.println("ready " + database.getPoolName());
                new CountDownLatch(1).await();
            }
        }
        for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
            String name = String.valueOf(i);
            Thread writer = new Thread(() -> {
                try (HikariDataSource database = open(folder.resolve(name), arguments[2])) {
                    write(database, name, System.out);
                }
            });
            // The test sees the end of the output.
            writer.setUncaughtExceptionHandler((thread, failure) -> {
                failure.printStackTrace();
                Runtime.getRuntime().halt(1);
            });
            writer.start();
        }
    }

    private static HikariDataSource open(Path folder, String setting) {
        DatabaseSettings shipped = DatabaseSettings.file(folder, "hub");
        return Databases.open(new DatabaseSettings(
                shipped.url() + setting, shipped.user(), shipped.password(), shipped.connectionsMax()));
    }

    private static void write(HikariDataSource database, String name, PrintStream out) {
        HubStore hub = HubStore.open(database);
        CursorStore cursors = CursorStore.open(database, true);
        CursorStore unsynced = CursorStore.open(database, false);
        HubState state = hub.load();
        long generation =
                state.subscribers().isEmpty() ? 0 : state.subscribers().get(0).generation();
        long epoch =
                state.publishers().isEmpty() ? 0 : state.publishers().get(0).openEpoch();
        long cursor = cursors.load("s").map(found -> found.cursor().position()).orElse(0L);
        long committed =
                unsynced.load("u").map(found -> found.cursor().position()).orElse(0L);
        out.println("found " + name + " " + epoch + " " + state.position() + " " + generation + " " + cursor + " "
                + committed);
        for (long n = Math.max(epoch, state.position()) + 1; ; n++) {
            writeRound(hub, cursors, n);
            // A commit alone does not outlive a power cut, but it must outlive the process.
            unsynced.save("u", new StoredCursor(new SubscriberCursor(0, 1, n), OptionalLong.empty()));
            out.println("saved " + name + " " + n);
        }
    }

    /** Everything that promises to be synced, each with the number of the round. */
    private static void writeRound(HubStore hub, CursorStore cursors, long n) {
        hub.apply(List.of(
                new ControlRecord.Granted("p", n, n, n),
                new ControlRecord.Opened("p", n, n),
                new ControlRecord.SubscriberSaved(
                        new DurableSubscriber("s", (int) n, 1, n, n, n, n, List.of()),
                        List.of(),
                        List.of(new DurableSubscription(PatternKind.TOPIC, "t", n, n, false)))));
        hub.checkpoint(new Checkpoint(
                n,
                1,
                n,
                n,
                List.of(new SequenceState("p", "t", n)),
                List.of(),
                List.of(new SegmentTopic(n, "t", n, n, n)),
                new LogPosition(1, n)));
        cursors.save("s", new StoredCursor(new SubscriberCursor((int) n, 1, n), OptionalLong.of(n)));
    }
}
