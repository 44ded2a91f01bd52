package io.bactrian.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sender and receiver are processes and are killed in the middle of a large file: the next goes on from what had come. */
@Tag("slow")
class ShipKilledTest {
    private static final int FILE_BYTES = 16 << 20;
    private static final int KILL_AFTER_BYTES = 3 << 20;

    @TempDir
    Path folder;

    private Path from;
    private Path into;
    private Path settings;

    @BeforeEach
    void prepare() throws IOException {
        from = Files.createDirectories(folder.resolve("from"));
        into = folder.resolve("into");
        settings = folder.resolve("ship.properties");
        byte[] octets = new byte[FILE_BYTES];
        new Random(1).nextBytes(octets);
        Files.write(from.resolve("large"), octets);
        Files.writeString(from.resolve("small"), "small");
        String address = "tcp://127.0.0.1:" + Ports.free();
        Properties properties = new Properties();
        properties.setProperty("bactrian.ship.folder", from.toString());
        properties.setProperty("bactrian.ship.into", into.toString());
        properties.setProperty("bactrian.ship.to", address);
        properties.setProperty("bactrian.ship.receive", address);
        properties.setProperty("bactrian.ship.idleMs", "1000");
        // Slow enough for a kill to come in between.
        properties.setProperty("bactrian.ship.bandwidth.bytesPerSecond", String.valueOf(10 << 20));
        try (Writer out = Files.newBufferedWriter(settings)) {
            properties.store(out, "");
        }
    }

    @Test
    void withoutAKillItArrives() throws Exception {
        try (Child receiver = child("receive-folder");
                Child sender = child("ship-folder")) {
            awaitDone(sender);
            assertThat(receiver.alive()).isTrue();
        }
    }

    @Test
    void aReceiverThatIsKilledAndComesBackGoesOn() throws Exception {
        try (Child sender = child("ship-folder")) {
            try (Child first = child("receive-folder")) {
                awaitPart();
                first.kill();
            }
            long had = partBytes();
            assertThat(into.resolve("large")).doesNotExist();
            try (Child second = child("receive-folder")) {
                await().atMost(Duration.ofSeconds(60)).until(() -> second.said("ready") == 1);
                awaitDone(sender);
                assertThat(had).isGreaterThan(KILL_AFTER_BYTES);
            }
        }
    }

    @Test
    void aSenderThatIsKilledIsFollowedByAnother() throws Exception {
        try (Child receiver = child("receive-folder")) {
            try (Child first = child("ship-folder")) {
                awaitPart();
                first.kill();
            }
            assertThat(into.resolve("large")).doesNotExist();
            try (Child second = child("ship-folder")) {
                awaitDone(second);
            }
            assertThat(receiver.alive()).isTrue();
        }
    }

    private Child child(String route) throws IOException {
        return new Child(folder.resolve("log"), ShipProcess.class, settings.toString(), route);
    }

    private void awaitPart() {
        await().atMost(Duration.ofSeconds(60)).until(() -> partBytes() > KILL_AFTER_BYTES);
    }

    private long partBytes() throws IOException {
        Path own = into.resolve(".bactrian-ship");
        if (!Files.isDirectory(own)) {
            return 0;
        }
        long bytes = 0;
        try (var parts = Files.newDirectoryStream(own, "*.part")) {
            for (Path part : parts) {
                bytes += Files.size(part);
            }
        }
        return bytes;
    }

    private void awaitDone(Child sender) throws IOException {
        await().atMost(Duration.ofSeconds(90)).until(sender::done);
        assertThat(Files.mismatch(from.resolve("large"), into.resolve("large"))).isEqualTo(-1);
        assertThat(into.resolve("small")).hasContent("small");
    }
}
