package io.bactrian.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that are many times larger than the heaps of sender and receiver, with as many blocks as a table may have: memory
 * follows the table of blocks, not the files.
 */
@Tag("slow")
class ShipMemoryTest {
    private static final int HEAP_MEBIBYTES = 48;
    private static final long RESIDENT_KIBIBYTES_MAX = 256 << 10;
    private static final int BLOCKS_MAX = 1 << 18;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    private Path from;
    private Path into;
    private Path settings;

    @Test
    void aQuarterGibibyteInBlocksOfAKibibyte() throws Exception {
        ship(256, 1024);
    }

    @Test
    @Tag("campaign")
    void aGibibyteInBlocksOfFourKibibytes() throws Exception {
        ship(1024, 0);
    }

    private void ship(int mebibytes, int blockBytes) throws Exception {
        prepare(mebibytes, blockBytes);
        try (Child receiver = child("receive-folder")) {
            try (Child sender = child("ship-folder")) {
                awaitDone(sender);
            }
            assertEqual();
            change();
            // One that knows nothing yet: it needs the checks of all blocks.
            try (Child sender = child("ship-folder")) {
                awaitDone(sender);
                assertThat(sender.said("literal")).isBetween(1L, 1L << 23);
            }
            assertEqual();
            assertSmall(receiver);
        }
    }

    private void prepare(int mebibytes, int blockBytes) throws IOException {
        from = Files.createDirectories(folder.resolve("from"));
        into = folder.resolve("into");
        byte[] chunk = new byte[CHUNK_BYTES];
        new Random(1).nextBytes(chunk);
        try (FileChannel out =
                FileChannel.open(from.resolve("large"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < mebibytes; i++) {
                // No two blocks are equal, and nothing can be compressed much.
                for (int at = 0; at < CHUNK_BYTES; at += 512) {
                    ByteBuffer.wrap(chunk).putInt(at, i);
                }
                out.write(ByteBuffer.wrap(chunk));
            }
            assertThat(out.size() / (blockBytes == 0 ? 4096 : blockBytes)).isEqualTo(BLOCKS_MAX);
        }
        String address = "tcp://127.0.0.1:" + Ports.free();
        Properties properties = new Properties();
        properties.setProperty("bactrian.ship.folder", from.toString());
        properties.setProperty("bactrian.ship.into", into.toString());
        properties.setProperty("bactrian.ship.to", address);
        properties.setProperty("bactrian.ship.receive", address);
        properties.setProperty("bactrian.ship.block.bytes", String.valueOf(blockBytes));
        settings = folder.resolve("ship.properties");
        try (Writer out = Files.newBufferedWriter(settings)) {
            properties.store(out, "");
        }
    }

    /** Changes an octet here and there. */
    private void change() throws IOException {
        Random random = new Random(2);
        try (FileChannel out = FileChannel.open(from.resolve("large"), StandardOpenOption.WRITE)) {
            long size = out.size();
            for (int i = 0; i < 1_000; i++) {
                out.write(ByteBuffer.wrap(new byte[] {(byte) i}), (long) (random.nextDouble() * size));
            }
        }
        Files.setLastModifiedTime(from.resolve("large"), FileTime.from(Instant.ofEpochSecond(1_500_000_000)));
    }

    private Child child(String route) throws IOException {
        Child child = new Child(folder.resolve("log"), HEAP_MEBIBYTES, ShipProcess.class, settings.toString(), route);
        await().atMost(PATIENCE).until(() -> child.said("ready") == 1);
        return child;
    }

    /** It stays until it is asked to stop, so that its memory can be looked at. */
    private static void awaitDone(Child sender) throws IOException {
        await().atMost(PATIENCE).until(() -> sender.done() || !sender.alive());
        assertThat(sender.done()).isTrue();
        assertSmall(sender);
    }

    private void assertEqual() throws IOException {
        assertThat(Files.mismatch(from.resolve("large"), into.resolve("large"))).isEqualTo(-1);
    }

    /** Most of what a process took of the machine's memory, all in all, is the heap that it was given and Java itself. */
    private static void assertSmall(Child node) throws IOException {
        Path status = Path.of("/proc/" + node.pid() + "/status");
        if (Files.exists(status)) {
            long peak = Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
            assertThat(peak).isBetween(1L, RESIDENT_KIBIBYTES_MAX);
        }
    }
}
