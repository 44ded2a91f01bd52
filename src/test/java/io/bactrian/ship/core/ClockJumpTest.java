package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clocks jump, and a change may leave neither another size nor another time. */
class ClockJumpTest {
    @TempDir
    Path folder;

    @Test
    void aChangeThatLeavesSizeAndTimeOfAYoungFileIsFound() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path file = from.resolve("file");
        Instant modified = Instant.parse("2026-01-01T00:00:00Z");
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.now = modified.plusSeconds(1);
            write(file, 1, modified);
            shipped.ship();
            write(file, 2, modified);
            assertThat(shipped.ship().shipped()).isEqualTo(1);
            shipped.assertEqual();
            // Also by a sender that has just started.
            shipped.memory = new SenderMemory(0);
            write(file, 3, modified);
            shipped.ship();
            shipped.assertEqual();
        }
    }

    @Test
    void afterAJumpBackwardsFilesFromTheFutureAreComparedByTheirContent() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path file = from.resolve("file");
        Instant future = Instant.parse("2030-01-01T00:00:00Z");
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.now = future.minus(Duration.ofDays(365));
            write(file, 1, future);
            shipped.ship();
            assertThat(shipped.ship().shipped()).isZero();
            write(file, 2, future);
            assertThat(shipped.ship().shipped()).isEqualTo(1);
            shipped.assertEqual();
        }
    }

    @Test
    void afterAJumpForwardsAChangeJustAfterTheRoundIsFound() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path file = from.resolve("file");
        Instant modified = Instant.parse("2026-01-01T00:00:00Z");
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.now = modified.plusSeconds(1);
            write(file, 1, modified);
            shipped.ship();
            // In the same tick of the file system's clock.
            write(file, 2, modified);
            shipped.now = modified.plus(Duration.ofDays(3650));
            assertThat(shipped.ship().shipped()).isEqualTo(1);
            shipped.assertEqual();
            ShipSummary known = shipped.ship();
            assertThat(known.shipped()).isZero();
            assertThat(known.sentBytes() + known.receivedBytes())
                    .as("by now it is old, and not compared by its content any more")
                    .isLessThan(150);
        }
    }

    @Test
    void whatWasYoungAndDidNotChangeIsComparedOnceMoreOnly() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Instant modified = Instant.parse("2026-01-01T00:00:00Z");
        WatchedDisk disk = new WatchedDisk();
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.sendersDisk = disk;
            shipped.now = modified.plusSeconds(1);
            write(from.resolve("file"), 1, modified);
            shipped.ship();
            shipped.now = modified.plusSeconds(60);
            disk.takeRead();
            shipped.ship();
            assertThat(disk.takeRead()).containsEntry("file", 200_000L);
            shipped.ship();
            assertThat(disk.takeRead()).isEmpty();
        }
    }

    @Test
    void theClocksOfTheTwoNodesMayDiffer() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path file = from.resolve("file");
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            for (Instant senders :
                    new Instant[] {Instant.EPOCH, Instant.parse("2200-01-01T00:00:00Z"), Instant.now()}) {
                shipped.now = senders;
                for (int round = 0; round < 3; round++) {
                    write(file, senders.getEpochSecond() + round, senders);
                    shipped.ship();
                    shipped.assertEqual();
                }
            }
        }
    }

    @Test
    void anOlderTimeIsAChangeToo() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path file = from.resolve("file");
        Instant modified = Instant.parse("2025-01-01T00:00:00Z");
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            write(file, 1, modified);
            shipped.ship();
            write(file, 2, modified.minus(Duration.ofDays(3650)));
            shipped.ship();
            shipped.assertEqual();
        }
    }

    @Test
    void aLongSleepInTheMiddleIsOnlyASilence() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        write(from.resolve("file"), 1, Instant.parse("2025-01-01T00:00:00Z"));
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.beforeStep =
                    step -> shipped.nowMs += step == 2 ? Duration.ofDays(1).toMillis() : 0;
            ShipSender sender = shipped.sender();
            int step = 0;
            while (!sender.done()) {
                shipped.beforeStep.accept(step++);
                shipped.exchange(sender);
            }
            shipped.beforeStep = none -> {};
            shipped.ship();
            shipped.assertEqual();
        }
    }

    private static void write(Path file, long seed, Instant modified) throws IOException {
        Files.write(file, Shipped.random(seed, 200_000));
        Files.setLastModifiedTime(file, FileTime.from(modified));
    }
}
