package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A link that loses nothing, and on which a frame takes seconds. */
class SlowLinkTest {
    private static final int FILE_BYTES = 6_000_000;
    private static final int STEP_MS = 100;

    @TempDir
    Path folder;

    private Path from;

    @BeforeEach
    void prepare() throws IOException {
        from = Files.createDirectories(folder.resolve("from"));
        Files.write(from.resolve("large"), Shipped.random(1, FILE_BYTES));
        Files.write(from.resolve("small"), Shipped.random(2, 100));
    }

    @ParameterizedTest
    @ValueSource(longs = {16_000, 64_000, 100_000, 1_000_000})
    void hardlyAnythingIsSentTwice(long linkBytesPerSecond) throws IOException {
        ShipSummary summary = ship(linkBytesPerSecond, 0);
        // What was under way when the first answer was late, once.
        assertThat(summary.sentBytes()).isLessThan(FILE_BYTES + (3L << 20));
        assertThat(summary.tookMs()).isLessThan(2 * 1000L * FILE_BYTES / linkBytesPerSecond + 5_000);
    }

    @Test
    void whoIsHeldUpByTheLimitOfTheBandwidthDoesNotGiveUp() throws IOException {
        // A frame takes more than a minute.
        ShipSummary summary = ship(10_000_000, 4_000);
        assertThat(summary.sentBytes()).isLessThan(FILE_BYTES + 10_000);
        assertThat(summary.tookMs()).isGreaterThan(1000L * (FILE_BYTES - Delta.OPS_BYTES) / 4_000 - 5_000);
    }

    private ShipSummary ship(long linkBytesPerSecond, long limit) throws IOException {
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.settings = new ShipSettings("", true, "xxh128", 0, limit, List.of(), 1000, 60_000, true);
            try (ShipSender sender = shipped.sender()) {
                Deque<byte[]> link = new ArrayDeque<>();
                long gone = 0;
                for (int step = 0; !sender.done() && step < 100_000; step++) {
                    do {
                        link.addAll(sender.next(shipped.nowMs));
                    } while (sender.more());
                    gone = link.isEmpty() ? 0 : gone + linkBytesPerSecond * STEP_MS / 1000;
                    while (!link.isEmpty() && gone >= link.element().length) {
                        gone -= link.element().length;
                        byte[] answer = shipped.receive(link.remove());
                        if (answer != null) {
                            sender.receive(answer, shipped.nowMs);
                        }
                    }
                    shipped.nowMs += STEP_MS;
                }
                assertThat(sender.failure()).isNull();
                assertThat(sender.done()).isTrue();
                shipped.assertEqual();
                return sender.summary();
            }
        }
    }
}
