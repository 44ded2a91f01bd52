package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A round is cut after each of its frames: what is on the receiver's disk then is what a kill leaves. No file may be torn
 * there, and a new round of a new sender and a new receiver makes the folders equal.
 */
class CutTest {
    @TempDir
    Path folder;

    private final List<String> contents = new ArrayList<>();

    /** The sender alone is gone, or both. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void afterEachFrameNoFileIsTornAndTheNextRoundGoesOn(boolean receiverLives) throws IOException {
        Path from = Files.createDirectories(folder.resolve("from/sub")).getParent();
        Files.write(from.resolve("large"), Shipped.random(1, 6_000_000));
        Files.write(from.resolve("sub/changed"), Shipped.random(2, 300_000));
        Files.write(from.resolve("gone"), Shipped.random(3, 10));
        Path start = folder.resolve("start");
        try (Shipped shipped = new Shipped(from, start)) {
            shipped.ship();
        }
        remember(from);
        byte[] large = Shipped.random(1, 6_000_000);
        for (int i = 0; i < 40; i++) {
            large[i * 150_000]++;
        }
        Files.write(from.resolve("large"), large);
        Files.write(from.resolve("new"), Shipped.random(4, 3_000_000));
        byte[] changed = Shipped.random(2, 300_000);
        changed[100_000]++;
        Files.write(from.resolve("sub/changed"), changed);
        Files.delete(from.resolve("gone"));
        remember(from);
        int frames = 0;
        boolean whole = false;
        while (!whole) {
            Path into = folder.resolve("into" + frames);
            Folders.copy(start, into);
            try (Shipped shipped = new Shipped(from, into)) {
                whole = cutAfter(frames, shipped);
                assertNothingTorn(into);
                if (!receiverLives) {
                    shipped.restart();
                }
                shipped.memory = new SenderMemory(64 << 20);
                shipped.framesMax = Integer.MAX_VALUE;
                assertThat(shipped.ship().problems()).isEmpty();
                shipped.assertEqual();
            }
            frames++;
        }
        assertThat(frames).as("frames at which the round was cut").isGreaterThan(15);
    }

    @Test
    void whatHadComeIsNotSentAgain() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Files.write(from.resolve("large"), Shipped.random(1, 20_000_000));
        Path into = folder.resolve("into");
        int frames = 0;
        try (Shipped first = new Shipped(from, into)) {
            ShipSender sender = first.sender();
            while (first.receiver == null || part(into) < 10_000_000) {
                first.exchange(sender);
                frames++;
            }
            sender.close();
        }
        assertThat(frames).isPositive();
        assertThat(into.resolve("large")).doesNotExist();
        long had = part(into);
        try (Shipped second = new Shipped(from, into)) {
            ShipSummary summary = second.ship();
            second.assertEqual();
            assertThat(summary.literalBytes()).isEqualTo(20_000_000 - had);
        }
    }

    @Test
    void aReceiverThatWasRestartedSaysSo() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Files.write(from.resolve("large"), Shipped.random(1, 20_000_000));
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            ShipSender sender = shipped.sender();
            for (int i = 0; i < 4; i++) {
                shipped.exchange(sender);
            }
            shipped.restart();
            while (!sender.done()) {
                shipped.exchange(sender);
            }
            assertThat(sender.failure()).extracting(ShipException::reason).isEqualTo(ShipErrorCode.UNKNOWN_SESSION);
            shipped.ship();
            shipped.assertEqual();
        }
    }

    @Test
    void aSecondSenderWaitsUntilTheFirstIsSilent() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Files.write(from.resolve("file"), Shipped.random(1, 1_000));
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            ShipSender first = shipped.sender();
            shipped.exchange(first);
            long startedMs = shipped.nowMs;
            shipped.ship();
            shipped.assertEqual();
            assertThat(shipped.nowMs - startedMs).isGreaterThanOrEqualTo(10_000);
            assertThat(shipped.refused).contains(ShipErrorCode.BUSY);
        }
    }

    /** Gives a receiver so many frames and no more. Returns whether that was all. */
    private static boolean cutAfter(int frames, Shipped shipped) {
        shipped.receiving = new ReceiverSettings(false, true, 1 << 16, 16, 1000, 1L << 40, 128, 10_000);
        shipped.framesMax = frames;
        ShipSender sender = shipped.sender();
        while (!sender.done() && shipped.framesMax > 0) {
            shipped.exchange(sender);
        }
        sender.close();
        return sender.done() && shipped.framesMax > 0;
    }

    private void remember(Path from) {
        Shipped.tree(from).forEach((name, what) -> contents.add(name + what.replaceAll(" \\S*Z ", " ")));
    }

    private void assertNothingTorn(Path into) {
        Shipped.tree(into).forEach((name, what) -> {
            if (!what.startsWith("folder")) {
                assertThat(contents).contains(name + what.replaceAll(" \\S*Z ", " "));
            }
        });
    }

    private static long part(Path into) throws IOException {
        Path own = into.resolve(Names.PRIVATE);
        if (!Files.isDirectory(own)) {
            return 0;
        }
        try (var parts = Files.newDirectoryStream(own, "*.part")) {
            long size = 0;
            for (Path part : parts) {
                size += Files.size(part);
            }
            return size;
        }
    }
}
