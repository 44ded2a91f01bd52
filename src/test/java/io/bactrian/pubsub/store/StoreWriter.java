package io.bactrian.pubsub.store;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.core.Checkpoint;
import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.DurableSubscription;
import io.bactrian.pubsub.core.HubState;
import io.bactrian.pubsub.core.SegmentTopic;
import io.bactrian.pubsub.core.SequenceState;
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
 * <p>Arguments: folder, then {@code hold} to open the database only, or {@code write}, then perhaps a setting for H2's URL. With {@code write} it prints
 * what it found as {@code found epoch position generation cursor committed}, then {@code saved N} each time after round N has returned.
 */
final class StoreWriter {
    private StoreWriter() {}

    public static void main(String[] arguments) throws InterruptedException {
        try (HikariDataSource database = open(arguments)) {
            if (arguments[1].equals("hold")) {
                System.out.println("ready");
                new CountDownLatch(1).await();
            }
            write(database, System.out);
        }
    }

    private static HikariDataSource open(String[] arguments) {
        DatabaseSettings shipped = DatabaseSettings.file(Path.of(arguments[0]), "hub");
        String setting = arguments.length > 2 ? arguments[2] : "";
        return Databases.open(new DatabaseSettings(
                shipped.url() + setting, shipped.user(), shipped.password(), shipped.connectionsMax()));
    }

    private static void write(HikariDataSource database, PrintStream out) {
        HubStore hub = HubStore.open(database);
        CursorStore cursors = CursorStore.open(database, true);
        CursorStore unsynced = CursorStore.open(database, false);
        HubState state = hub.load();
        long generation =
                state.subscribers().isEmpty() ? 0 : state.subscribers().get(0).generation();
        long epoch =
                state.publishers().isEmpty() ? 0 : state.publishers().get(0).openEpoch();
        long cursor = cursors.load("s").map(Cursor::position).orElse(0L);
        long committed = unsynced.load("u").map(Cursor::position).orElse(0L);
        out.println("found " + epoch + " " + state.position() + " " + generation + " " + cursor + " " + committed);
        for (long n = Math.max(epoch, state.position()) + 1; ; n++) {
            writeRound(hub, cursors, n);
            // A commit alone does not outlive a power cut, but it must outlive the process.
            unsynced.save("u", new Cursor(0, 1, n));
            out.println("saved " + n);
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
                List.of(new SegmentTopic(n, "t", n, n, n))));
        cursors.save("s", new Cursor(n, 1, n, OptionalLong.of(n)));
    }
}
