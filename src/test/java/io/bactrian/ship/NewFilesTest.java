package io.bactrian.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Large files that the receiver does not have: octets that go as they are, with zeros at any place between them. */
class NewFilesTest {
    private static final int RANDOM_MAX = 700_000;
    private static final int ZEROS_MAX = 300_000;
    private static final int PAGE = 4096;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"1,true", "2,false", "3,true", "4,false", "5,true", "6,false"})
    void arriveWhole(long seed, boolean compress) throws IOException {
        Random random = new Random(seed);
        Path from = Files.createDirectories(folder.resolve("from"));
        long literals = 0;
        for (int file = 0; file < 6; file++) {
            byte[] content = content(random, file);
            Files.write(from.resolve("f" + file), content);
            literals += content.length;
        }
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.settings = new ShipSettings("", true, "xxh128", 0, 0, List.of(), 1000, 60_000, compress);
            ShipSummary summary = shipped.ship();
            assertThat(summary.problems()).isEmpty();
            shipped.assertEqual();
            assertThat(shipped.refused).isEmpty();
            // Long zeros are told, not sent.
            assertThat(summary.literalBytes()).isBetween(literals / 3, literals - 1);
            // What the sender remembers of them is right: it finds what was moved.
            move(from.resolve("f5"), random);
            shipped.now = shipped.now.plusSeconds(10);
            summary = shipped.ship();
            shipped.assertEqual();
            assertThat(summary.problems()).isEmpty();
            assertThat(summary.literalBytes()).isLessThan(RANDOM_MAX / 4);
        }
    }

    /** The first two are of whole frames, and one octet more. */
    private static byte[] content(Random random, int file) {
        if (file < 2) {
            byte[] whole = new byte[4 * Delta.OPS_BYTES + file];
            random.nextBytes(whole);
            return whole;
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (int piece = 0; piece < 6; piece++) {
            byte[] octets = new byte[random.nextInt(RANDOM_MAX)];
            random.nextBytes(octets);
            content.writeBytes(octets);
            int zeros = random.nextInt(ZEROS_MAX);
            content.writeBytes(new byte[random.nextBoolean() ? zeros : zeros / PAGE * PAGE]);
        }
        return content.toByteArray();
    }

    private static void move(Path file, Random random) throws IOException {
        byte[] former = Files.readAllBytes(file);
        byte[] more = new byte[1 + random.nextInt(1_000)];
        random.nextBytes(more);
        ByteArrayOutputStream moved = new ByteArrayOutputStream();
        moved.writeBytes(more);
        moved.writeBytes(former);
        Files.write(file, moved.toByteArray());
    }
}
