package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.SmallDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The receiver's disk is full: what is there stays as it was, the sender is told, and later it goes on. */
class ReceiverDiskFullTest {
    @TempDir
    Path folder;

    /** A disk with room for so many octets. */
    private static final class NarrowDisk implements Disk {
        private long room;

        NarrowDisk(long room) {
            this.room = room;
        }

        @Override
        public FileChannel openForReading(Path file) throws IOException {
            return Disk.REAL.openForReading(file);
        }

        @Override
        public FileChannel openForWriting(Path file) throws IOException {
            return Disk.REAL.openForWriting(file);
        }

        @Override
        public Closeable lock(Path file) throws IOException {
            return Disk.REAL.lock(file);
        }

        @Override
        public void write(FileChannel file, ByteBuffer octets, long at) throws IOException {
            int fits = (int) Math.min(room, octets.remaining());
            boolean full = fits < octets.remaining();
            octets.limit(octets.position() + fits);
            room -= fits;
            Disk.REAL.write(file, octets, at);
            if (full) {
                throw new IOException("No space left on device");
            }
        }

        @Override
        public void force(FileChannel file) throws IOException {
            Disk.REAL.force(file);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            Disk.REAL.rename(from, to);
        }

        @Override
        public boolean delete(Path file) throws IOException {
            return Disk.REAL.delete(file);
        }

        @Override
        public void forceFolder(Path folder) throws IOException {
            Disk.REAL.forceFolder(folder);
        }
    }

    @Test
    void theOldFileStaysAndTheRestIsSentWhenThereIsRoom() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path into = folder.resolve("into");
        Files.writeString(from.resolve("large"), "old");
        NarrowDisk disk = new NarrowDisk(5_000_000);
        try (Shipped shipped = new Shipped(from, into)) {
            shipped.disk = disk;
            shipped.ship();
            Files.write(from.resolve("large"), Shipped.random(1, 8_000_000));
            Files.writeString(from.resolve("zero"), "");
            ShipSummary full = shipped.ship();
            assertThat(full.problems()).singleElement().asString().contains("large", "no-space");
            assertThat(into.resolve("large")).hasContent("old");
            assertThat(into.resolve("zero")).exists();
            assertThat(shipped.refused).contains(ShipErrorCode.NO_SPACE);
            disk.room = 100_000_000;
            assertThat(shipped.ship().literalBytes()).isLessThan(8_000_000);
            shipped.assertEqual();
        }
    }

    @Test
    void thoseThatFailDoNotHinderOthers() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        for (int i = 0; i < 300; i++) {
            Files.writeString(from.resolve("full" + i), "x");
        }
        Files.createFile(from.resolve("zero"));
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.disk = new NarrowDisk(0);
            assertThat(shipped.ship().problems())
                    .hasSize(300)
                    .allSatisfy(problem -> assertThat(problem).contains("full", "no-space"));
            assertThat(shipped.into.resolve("zero")).exists();
        }
    }

    @Tag("slow")
    @Test
    void aRealDiskThatIsFullIsTheSame() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from/sub")).getParent();
        Files.writeString(from.resolve("large"), "old");
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 6);
                Shipped shipped = new Shipped(from, folder.resolve("disk/into"))) {
            shipped.ship();
            Files.write(from.resolve("large"), Shipped.random(1, 8_000_000));
            Files.writeString(from.resolve("sub/small"), "too much as well, once the disk is full");
            ShipSummary full = shipped.ship();
            assertThat(full.problems())
                    .isNotEmpty()
                    .allSatisfy(problem -> assertThat(problem).contains("no-space"));
            assertThat(shipped.into.resolve("large")).hasContent("old");
            Files.write(from.resolve("large"), Shipped.random(1, 2_000_000));
            shipped.ship();
            shipped.assertEqual();
            disk.fill();
            Files.write(from.resolve("large"), Shipped.random(2, 1_000_000));
            assertThat(shipped.ship().problems()).singleElement().asString().contains("large", "no-space");
            assertThat(Files.size(shipped.into.resolve("large"))).isEqualTo(2_000_000);
            disk.clear();
            shipped.ship();
            shipped.assertEqual();
        }
    }

    @Test
    void aFileThatGrowsIsCutBackToWhatItWas() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path into = folder.resolve("into");
        Path file = from.resolve("log");
        Files.write(file, Shipped.random(1, 100_000));
        NarrowDisk disk = new NarrowDisk(150_000);
        try (Shipped shipped = new Shipped(from, into)) {
            shipped.settings = new ShipSettings("", true, "sha256", 0, 0, List.of("log"), 1000, 60_000, true);
            shipped.disk = disk;
            shipped.ship();
            byte[] before = Files.readAllBytes(into.resolve("log"));
            Files.write(file, Shipped.random(2, 100_000), StandardOpenOption.APPEND);
            assertThat(shipped.ship().problems()).hasSize(1);
            assertThat(Files.readAllBytes(into.resolve("log"))).isEqualTo(before);
            disk.room = 1_000_000;
            shipped.ship();
            shipped.assertEqual();
        }
    }

    @Test
    void aDiskThatFailsWhileMoreComesIsNotTrustedWithWhatItHas() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path into = folder.resolve("into");
        Files.write(from.resolve("large"), Shipped.random(1, 80_000_000));
        try (Shipped shipped = new Shipped(from, into)) {
            shipped.earlyForce = file -> new EarlyForce.Forcing() {
                @Override
                public boolean ended() {
                    return true;
                }

                @Override
                public void await() throws IOException {
                    throw new IOException("Input/output error");
                }
            };
            assertThat(shipped.ship().problems()).singleElement().asString().contains("large", "io-error");
            assertThat(into.resolve("large")).doesNotExist();
            try (var own = Files.list(into.resolve(Names.PRIVATE))) {
                assertThat(own.map(file -> file.getFileName().toString()))
                        .as("nothing of the file")
                        .containsExactlyInAnyOrder("lock", "session");
            }
            shipped.restart();
            shipped.earlyForce = EarlyForce.NONE;
            assertThat(shipped.ship().literalBytes()).isEqualTo(80_000_000);
            shipped.assertEqual();
        }
    }

    @Test
    void aPartWhoseDiskFailsWhenTheSessionHasEndedIsNotTrusted() throws IOException {
        Path from = Files.createDirectories(folder.resolve("from"));
        Path into = folder.resolve("into");
        Files.write(from.resolve("large"), Shipped.random(1, 80_000_000));
        AtomicBoolean begun = new AtomicBoolean();
        try (Shipped shipped = new Shipped(from, into)) {
            shipped.earlyForce = file -> {
                begun.set(true);
                return new EarlyForce.Forcing() {
                    @Override
                    public boolean ended() {
                        return false;
                    }

                    @Override
                    public void await() throws IOException {
                        throw new IOException("Input/output error");
                    }
                };
            };
            ShipSender sender = shipped.sender();
            while (!begun.get()) {
                shipped.exchange(sender);
            }
            sender.close();
            shipped.restart();
            shipped.earlyForce = EarlyForce.NONE;
            assertThat(shipped.ship().literalBytes()).isEqualTo(80_000_000);
            shipped.assertEqual();
        }
    }
}
