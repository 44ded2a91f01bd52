package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.bactrian.ship.routes.FolderSender;
import io.bactrian.ship.routes.ShipFailedException;
import io.bactrian.zeromq.ZeroMqMessage;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What there may be in a folder, and what may happen to it. */
@Tag("slow")
class FolderContentTest {
    @TempDir
    Path folder;

    private Path from;
    private Path into;
    private Shipped shipped;

    @BeforeEach
    void open() throws IOException {
        from = Files.createDirectories(folder.resolve("from"));
        into = folder.resolve("into");
        shipped = new Shipped(from, into);
    }

    @AfterEach
    void close() throws IOException {
        shipped.close();
    }

    @Test
    void emptyFilesFoldersAndDeepOnesArrive() throws IOException {
        Files.createDirectories(from.resolve("a/b/c/d"));
        Files.createFile(from.resolve("empty"));
        Files.createFile(from.resolve("a/b/c/d/empty"));
        Files.createDirectory(from.resolve("nothing"));
        FileTime longAgo = FileTime.from(Instant.ofEpochSecond(1_000_000_000, 123_456_789));
        Files.setLastModifiedTime(from.resolve("nothing"), longAgo);
        Files.setLastModifiedTime(from.resolve("empty"), longAgo);
        shipped.ship();
        shipped.assertEqual();
        assertThat(Files.getLastModifiedTime(into.resolve("nothing"))).isEqualTo(longAgo);
        assertThat(Files.getLastModifiedTime(into.resolve("empty"))).isEqualTo(longAgo);
    }

    @Test
    void aFolderMayBeNamedByALink() throws IOException {
        assumeThat(File.separatorChar).isEqualTo('/');
        Files.createDirectory(from.resolve("sub"));
        Files.writeString(from.resolve("sub/file"), "x");
        shipped.ship();
        Path link = Files.createSymbolicLink(folder.resolve("link"), from);
        try (Shipped byLink = new Shipped(link, folder.resolve("other"))) {
            byLink.ship();
        }
        assertThat(Shipped.tree(folder.resolve("other"))).isEqualTo(Shipped.tree(from));
        shipped.close();
        try (Shipped byLink = new Shipped(link, into)) {
            ShipSummary summary = byLink.ship();
            assertThat(summary.files()).isEqualTo(1);
            assertThat(summary.deleted()).isZero();
        }
        shipped.assertEqual();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "some/target"})
    void aReceiverWhoseFolderWasDeletedMakesItAnew(String target) throws IOException {
        shipped.settings = new ShipSettings(target, true, "xxh128", 0, 0, List.of(), 1000, 60_000, true);
        Files.createDirectory(from.resolve("sub"));
        Files.writeString(from.resolve("sub/file"), "x");
        shipped.ship();
        Files.move(into, folder.resolve("gone"));
        assertThat(shipped.ship().problems()).isEmpty();
        assertThat(Shipped.tree(into.resolve(target))).isEqualTo(Shipped.tree(from));
        Files.move(into, folder.resolve("gone too"));
        Files.createDirectories(into.resolve(target).resolve(Names.PRIVATE));
        assertThat(shipped.ship().problems()).isEmpty();
        assertThat(Shipped.tree(into.resolve(target))).isEqualTo(Shipped.tree(from));
        assertThat(into.resolve(target).resolve(Names.PRIVATE).resolve("lock")).exists();
    }

    @Test
    void aFileIsNotAnEmptyFolder() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        try (Shipped ofAFile = new Shipped(file, into)) {
            assertThatThrownBy(ofAFile::ship).hasMessageContaining("the folder " + file.toRealPath());
        }
    }

    @Test
    void whatIsGoneIsDeletedUnlessThatIsNotWanted() throws IOException {
        Files.createDirectories(from.resolve("old/sub"));
        Files.writeString(from.resolve("old/sub/file"), "x");
        Files.writeString(from.resolve("stays"), "y");
        shipped.ship();
        Files.delete(from.resolve("old/sub/file"));
        Files.delete(from.resolve("old/sub"));
        Files.delete(from.resolve("old"));
        shipped.settings = new ShipSettings("", false, "sha256", 0, 0, List.of(), 1000, 60_000, true);
        assertThat(shipped.ship().deleted()).isZero();
        assertThat(into.resolve("old/sub/file")).exists();
        shipped.settings = ShipSettings.usual();
        assertThat(shipped.ship().deleted()).isEqualTo(3);
        shipped.assertEqual();
    }

    @Test
    void aFileBecomesAFolderAndBack() throws IOException {
        Files.writeString(from.resolve("x"), "file");
        Files.createDirectories(from.resolve("y"));
        Files.writeString(from.resolve("y/z"), "z");
        shipped.ship();
        Files.delete(from.resolve("x"));
        Files.createDirectory(from.resolve("x"));
        Files.writeString(from.resolve("x/inner"), "inner");
        Files.delete(from.resolve("y/z"));
        Files.delete(from.resolve("y"));
        Files.writeString(from.resolve("y"), "now a file");
        shipped.ship();
        shipped.assertEqual();
    }

    @Test
    void namesAreOctetsWhateverTheyAre() throws IOException {
        assumeThat(File.separatorChar).isEqualTo('/');
        Path sub = Files.createDirectories(from.resolve("new\nline"));
        Files.writeString(sub.resolve("tab\tand \"quotes\" and \\ and :"), "1");
        Files.writeString(from.resolve("l".repeat(255)), "2");
        // Not UTF-8: Java has no text for it, and keeps the octets all the same.
        Path raw = Path.of(URI.create("file://" + from.toUri().getRawPath() + "%FF%FE%80"));
        Files.writeString(raw, "3");
        Files.writeString(Path.of(URI.create("file://" + from.toUri().getRawPath() + "gr%C3%BC%C3%9Fe")), "4");
        shipped.ship();
        shipped.assertEqual();
        assertThat(Shipped.tree(into)).containsKey("%FF%FE%80").hasSize(5);
        assertThat(shipped.ship().shipped()).isZero();
    }

    @Test
    void holesStayHoles() throws IOException, InterruptedException {
        assumeThat(File.separatorChar).isEqualTo('/');
        Path sparse = from.resolve("sparse");
        try (FileChannel out = FileChannel.open(sparse, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 30_000_000);
            out.write(ByteBuffer.wrap(new byte[] {0}), 59_999_999);
        }
        ShipSummary summary = shipped.ship();
        shipped.assertEqual();
        assertThat(summary.sentBytes()).isLessThan(50_000);
        assertThat(blocks(into.resolve("sparse"))).isLessThan(1_000);
        try (FileChannel out = FileChannel.open(sparse, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(new byte[] {9}), 45_000_000);
        }
        shipped.memory = new SenderMemory(0);
        shipped.ship();
        shipped.assertEqual();
        assertThat(blocks(into.resolve("sparse"))).isLessThan(1_000);
    }

    /** How many blocks of 512 octets a file takes on the disk. */
    private static long blocks(Path file) throws IOException, InterruptedException {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        String said = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        stat.waitFor(60, TimeUnit.SECONDS);
        return Long.parseLong(said.strip());
    }

    @Test
    void linksAndDevicesAreCountedAndNotShipped() throws IOException, InterruptedException {
        assumeThat(File.separatorChar).isEqualTo('/');
        Files.writeString(from.resolve("file"), "1");
        Files.createSymbolicLink(from.resolve("link"), Path.of("/etc/passwd"));
        new ProcessBuilder("mkfifo", from.resolve("pipe").toString()).start().waitFor(60, TimeUnit.SECONDS);
        ShipSummary summary = shipped.ship();
        assertThat(summary.skipped()).isEqualTo(2);
        assertThat(summary.complete()).isTrue();
        assertThat(Shipped.tree(into)).containsOnlyKeys("file");
    }

    @Test
    void whatCannotBeReadIsToldAndNothingIsDeletedForIt() throws IOException {
        assumeThat(File.separatorChar).isEqualTo('/');
        assumeThat(System.getProperty("user.name")).isNotEqualTo("root");
        Files.createDirectories(from.resolve("closed"));
        Files.writeString(from.resolve("closed/file"), "1");
        shipped.ship();
        Files.setPosixFilePermissions(from.resolve("closed"), PosixFilePermissions.fromString("---------"));
        try {
            ShipSummary summary = shipped.ship();
            assertThat(summary.problems()).hasSize(1);
            assertThat(into.resolve("closed/file")).exists();
        } finally {
            Files.setPosixFilePermissions(from.resolve("closed"), PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void aFileThatCannotBeOpenedIsToldAndTheOthersAreShipped() throws IOException {
        Files.writeString(from.resolve("closed"), "old");
        Files.writeString(from.resolve("open"), "old");
        shipped.ship();
        Files.writeString(from.resolve("closed"), "new content");
        Files.writeString(from.resolve("open"), "new content");
        shipped.sendersDisk = new WatchedDisk() {
            @Override
            void beforeRead(Path file) throws IOException {
                if (file.endsWith("closed")) {
                    throw new AccessDeniedException(file.toString());
                }
            }
        };
        ShipSummary summary = shipped.ship();
        assertThat(summary.problems()).singleElement().asString().contains("closed", "permission denied");
        assertThat(summary.complete()).isFalse();
        assertThat(into.resolve("closed")).as("it is still listed, so it stays").hasContent("old");
        assertThat(into.resolve("open")).hasContent("new content");
        shipped.sendersDisk = Disk.REAL;
        assertThat(shipped.ship().complete()).isTrue();
        shipped.assertEqual();
    }

    @Test
    void whatTheReceiverCannotDoIsToldWithItsReason() throws IOException {
        Files.writeString(from.resolve("closed"), "1");
        shipped.disk = new WatchedDisk() {
            @Override
            public void rename(Path part, Path to) throws IOException {
                throw new AccessDeniedException(part.toString(), to.toString(), null);
            }
        };
        assertThat(shipped.ship().problems())
                .singleElement()
                .asString()
                .contains("closed", "io-error", "permission denied");
        assertThat(shipped.reasons)
                .as("for the log of the receiver")
                .singleElement()
                .asString()
                .startsWith("closed: ")
                .contains("permission denied");
        shipped.close();
        shipped.disk = Disk.REAL;
        assertThat(shipped.ship().complete()).isTrue();
        shipped.assertEqual();
    }

    @Test
    void whatFailedBeforeIsToldAlsoIfTheRoundEndsEarly() throws Exception {
        Files.writeString(from.resolve("closed"), "1");
        Files.createDirectories(into);
        Files.writeString(into.resolve("old"), "2");
        shipped.disk = new WatchedDisk() {
            @Override
            void beforeChange(String step) throws IOException {
                if (step.equals("rename to closed") || step.equals("delete old")) {
                    throw new AccessDeniedException(step);
                }
            }
        };
        FolderSender sender = new FolderSender();
        sender.setFolder(from.toString());
        Iterator<List<ZeroMqMessage>> frames = sender.begin();
        while (sender.underWay()) {
            List<ZeroMqMessage> answers = new ArrayList<>();
            frames.forEachRemaining(batch -> batch.forEach(frame -> {
                byte[] answer = shipped.receiver().receive(frame.frame(0), shipped.nowMs);
                answers.add(ZeroMqMessage.of(null, answer));
            }));
            frames = sender.take(answers);
        }
        assertThatThrownBy(sender::end)
                .isInstanceOf(ShipFailedException.class)
                .hasMessageContainingAll("delete old", "closed: ", "rename to closed");
        sender.release();
    }

    @Test
    void whatIsTooDeepIsToldAndNothingIsDeletedForIt() throws IOException {
        Files.createDirectories(into);
        Files.writeString(into.resolve("stays"), "1");
        Path leaf = from.resolve("d/".repeat(255) + "leaf");
        Files.createDirectories(leaf.getParent());
        Files.writeString(leaf, "1");
        assertThat(shipped.ship().complete()).isTrue();
        shipped.assertEqual();
        Files.writeString(into.resolve("stays"), "1");
        Files.createDirectories(leaf.resolveSibling("d/d"));
        assertThat(shipped.ship().problems()).singleElement().asString().contains("more than 256 folders deep");
        assertThat(into.resolve("stays")).exists();
    }

    @Test
    void aFileOfWhichAPartCannotBeReadIsTriedThreeTimesAndLeftAsItWas() throws IOException {
        Files.write(from.resolve("bad"), Shipped.random(1, 3_000_000));
        Files.writeString(from.resolve("good"), "good");
        int[] reads = {0};
        shipped.sendersDisk = new WatchedDisk() {
            @Override
            void beforeRead(Path file) throws IOException {
                if (file.endsWith("bad") && reads[0]++ % 4 == 3) {
                    throw new IOException("Input/output error");
                }
            }
        };
        ShipSummary summary = shipped.ship();
        assertThat(summary.problems()).singleElement().asString().contains("bad", "Input/output error");
        assertThat(reads[0]).isGreaterThanOrEqualTo(12);
        assertThat(Shipped.tree(into)).containsOnlyKeys("good");
        shipped.sendersDisk = Disk.REAL;
        assertThat(shipped.ship().complete()).isTrue();
        shipped.assertEqual();
    }

    @Test
    void aFileThatVanishesIsLeftForTheNextRound() throws IOException {
        Files.write(from.resolve("gone"), Shipped.random(1, 100_000));
        Files.write(from.resolve("stays"), Shipped.random(2, 100_000));
        ShipSender sender = shipped.sender();
        Files.delete(from.resolve("gone"));
        while (!sender.done()) {
            shipped.exchange(sender);
        }
        assertThat(sender.summary().vanished()).isEqualTo(1);
        assertThat(sender.summary().problems()).isEmpty();
        shipped.ship();
        shipped.assertEqual();
    }

    @Test
    void aFileThatChangesWhileItIsReadIsReadAgain() throws IOException {
        Path file = from.resolve("busy");
        Files.write(file, Shipped.random(1, 20_000_000));
        int[] changes = {0};
        shipped.receiving = new ReceiverSettings(false, true, 1 << 20, 16, 1000, 1L << 40, 128, 10_000);
        shipped.beforeStep = step -> {
            if (step == 5) {
                changes[0]++;
                byte[] other = Shipped.random(2, 20_000_000);
                try {
                    Files.write(file, other);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        ShipSummary summary = shipped.ship();
        assertThat(changes[0]).isEqualTo(1);
        assertThat(summary.problems()).isEmpty();
        assertThat(summary.literalBytes()).isGreaterThan(20_000_000);
        shipped.assertEqual();
    }

    @Test
    void aFileThatChangesAllTheTimeIsGivenUpAndTheOldOneStays() throws IOException {
        Path file = from.resolve("restless");
        Files.write(file, Shipped.random(1, 3_000_000));
        shipped.ship();
        byte[] before = Files.readAllBytes(into.resolve("restless"));
        shipped.restart();
        shipped.receiving = new ReceiverSettings(false, true, 1 << 16, 16, 1000, 1L << 40, 128, 10_000);
        long[] seed = {10};
        shipped.beforeStep = step -> {
            try {
                // Shorter each time: not the end of a file that grows.
                Files.write(file, Shipped.random(seed[0]++, 3_000_000 - (int) seed[0] * 1000));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        Files.write(file, Shipped.random(2, 3_000_000));
        ShipSummary summary = shipped.ship();
        assertThat(summary.problems()).hasSize(1);
        assertThat(Arrays.equals(Files.readAllBytes(into.resolve("restless")), before))
                .isTrue();
    }

    @Test
    void ofAFileThatOnlyGrowsTheTailAloneIsReadAndSent() throws IOException {
        shipped.settings = new ShipSettings("", true, "sha256", 0, 0, List.of("*.segment"), 1000, 60_000, true);
        Path file = from.resolve("0000000000000000001.segment");
        Files.write(file, Shipped.random(1, 10_000_000));
        shipped.ship();
        for (int i = 0; i < 5; i++) {
            Files.write(file, Shipped.random(100 + i, 1_000), StandardOpenOption.APPEND);
            ShipSummary summary = shipped.ship();
            assertThat(summary.literalBytes()).isEqualTo(1_000);
            assertThat(summary.sentBytes() + summary.receivedBytes()).isLessThan(1_600);
            shipped.assertEqual();
        }
        // A sender and a receiver that have forgotten it prove the beginning once, and send the tail alone too.
        shipped.memory = new SenderMemory(64 << 20);
        shipped.restart();
        Files.write(file, Shipped.random(200, 1_000), StandardOpenOption.APPEND);
        assertThat(shipped.ship().literalBytes()).isEqualTo(1_000);
        shipped.assertEqual();
    }

    @Test
    void aFileThatOnlyGrowsAndIsReplacedIsShippedWhole() throws IOException {
        shipped.settings = new ShipSettings("", true, "xxh128", 0, 0, List.of("*.log"), 1000, 60_000, true);
        Path file = from.resolve("a.log");
        Files.write(file, Shipped.random(1, 500_000));
        shipped.ship();
        Files.write(from.resolve("b"), Shipped.random(2, 600_000));
        Files.move(from.resolve("b"), file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(shipped.ship().problems()).isEmpty();
        shipped.assertEqual();
    }

    @Test
    void aSenderThatKnowsWhatItShippedAsksForNoSignature() throws IOException {
        byte[] octets = Shipped.random(1, 20_000_000);
        Path file = from.resolve("file");
        Files.write(file, octets);
        shipped.ship();
        for (int i = 0; i < 50; i++) {
            octets[i * 400_000]++;
        }
        Files.write(file, octets);
        ShipSummary knowing = shipped.ship();
        shipped.assertEqual();
        assertThat(knowing.literalBytes()).isEqualTo(50 * 4096);
        assertThat(knowing.receivedBytes()).isLessThan(1_000);
        assertThat(knowing.sentBytes()).isLessThan(50 * 4096 * 11 / 10);
    }

    @Test
    void aFileThatGoesToAndFroIsFollowed() throws IOException {
        byte[] one = Shipped.random(1, 12_000_000);
        byte[] other = one.clone();
        for (int i = 0; i < 30; i++) {
            other[i * 400_000]++;
        }
        Path file = from.resolve("file");
        for (int round = 0; round < 6; round++) {
            Files.deleteIfExists(file);
            Files.write(file, round % 2 == 0 ? one : other);
            Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_500_000_000 + round % 2)));
            ShipSummary summary = shipped.ship();
            shipped.assertEqual();
            assertThat(summary.literalBytes()).isEqualTo(round == 0 ? 12_000_000 : 30 * 4096);
        }
    }

    @Test
    void theBandwidthIsLimitedAlsoWhereARoundIsOneFrame() throws IOException {
        shipped.settings = new ShipSettings("", true, "sha256", 0, 10_000, List.of(), 1000, 60_000, true);
        long startedMs = shipped.nowMs;
        for (int round = 0; round < 3; round++) {
            Files.write(from.resolve("file" + round), Shipped.random(round, 100_000));
            shipped.ship();
            shipped.assertEqual();
        }
        assertThat(shipped.nowMs - startedMs).isBetween(25_000L, 40_000L);
    }

    @Test
    void theBandwidthIsLimited() throws IOException {
        shipped.settings = new ShipSettings("", true, "sha256", 0, 1_000_000, List.of(), 1000, 60_000, true);
        Files.write(from.resolve("file"), Shipped.random(1, 10_000_000));
        long startedMs = shipped.nowMs;
        shipped.ship();
        shipped.assertEqual();
        assertThat(shipped.nowMs - startedMs).isBetween(9_000L, 30_000L);
    }
}
