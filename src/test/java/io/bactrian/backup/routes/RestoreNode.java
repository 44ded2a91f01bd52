package io.bactrian.backup.routes;

import io.bactrian.backup.core.BackupFolder;
import io.bactrian.support.database.DatabaseSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.CountDownLatch;

/**
 * A process that restores a backup and kills itself before a certain step: each time that it tells its progress, and each
 * time that it asks the clock, which is before it begins to change the target, and before it writes the database.
 */
final class RestoreNode extends Clock {
    private final long killBefore;
    private final boolean goesOn;
    private long steps;

    private RestoreNode(long killBefore, boolean goesOn) {
        this.killBefore = killBefore;
        this.goesOn = goesOn;
    }

    /** Backups, name of the backup, log, folder of the database, number of the step, whether it goes on while it dies. */
    public static void main(String[] args) throws IOException {
        RestoreNode node = new RestoreNode(Long.parseLong(args[4]), Boolean.parseBoolean(args[5]));
        new HubRestore(
                        BackupFolder.of(Path.of(args[0])),
                        Path.of(args[2]),
                        DatabaseSettings.file(Path.of(args[3]), "hub"),
                        node,
                        note -> {})
                .restore(args[1], false, 0, octets -> node.step());
        System.out.println("steps " + node.steps);
    }

    private void step() {
        if (++steps == killBefore) {
            try {
                String self = String.valueOf(ProcessHandle.current().pid());
                new ProcessBuilder("kill", "-9", self).inheritIO().start();
                if (!goesOn) {
                    new CountDownLatch(1).await();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException("it lives on", e);
            }
        }
    }

    @Override
    public Instant instant() {
        step();
        return Instant.now();
    }

    @Override
    public ZoneId getZone() {
        return Clock.systemUTC().getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
