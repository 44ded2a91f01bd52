package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done to files, the receiver's folder is equal after each round; a seed tells the whole story. */
class RandomEditsTest {
    private static final int ROUNDS = 12;

    @TempDir
    Path folder;

    private Random random = new Random();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void theReceiverEqualsTheSender(long seed) throws IOException {
        random = new Random(seed);
        Path from = Files.createDirectories(folder.resolve("from"));
        try (Shipped shipped = new Shipped(from, folder.resolve("into"))) {
            shipped.loss = seed % 3 == 0 ? 0.1 : 0;
            shipped.losing = new Random(seed);
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < 1 + random.nextInt(8); i++) {
                    edit(from);
                }
                if (random.nextInt(4) == 0) {
                    shipped.memory = new SenderMemory(64 << 20);
                }
                ShipSummary summary = shipped.ship();
                assertThat(summary.problems()).isEmpty();
                shipped.assertEqual();
            }
            assertThat(shipped.refused).isEmpty();
            // A last round finds nothing more to do.
            shipped.now = shipped.now.plusSeconds(10);
            assertThat(shipped.ship().shipped()).isZero();
        }
    }

    private void edit(Path from) throws IOException {
        List<Path> files = new ArrayList<>();
        try (var walk = Files.walk(from)) {
            walk.filter(Files::isRegularFile).sorted().forEach(files::add);
        }
        int what = random.nextInt(files.isEmpty() ? 2 : 9);
        Path some = files.isEmpty() ? from : files.get(random.nextInt(files.size()));
        switch (what) {
            case 0, 1 -> create(from);
            case 2 -> Files.delete(some);
            case 3 -> rename(from, some);
            case 4 -> Files.write(some, octets(random.nextInt(5_000)), StandardOpenOption.APPEND);
            default -> change(some);
        }
    }

    private void create(Path from) throws IOException {
        Path parent = from;
        for (int depth = random.nextInt(3); depth > 0; depth--) {
            parent = parent.resolve("d" + random.nextInt(3));
        }
        if (Files.isRegularFile(parent) || Files.isRegularFile(parent.getParent())) {
            return;
        }
        Files.createDirectories(parent);
        Path file = parent.resolve("f" + random.nextInt(6));
        int size = random.nextInt(10) == 0 ? 3_000_000 : random.nextInt(300_000);
        Files.write(file, octets(random.nextInt(8) == 0 ? 0 : size));
    }

    private void rename(Path from, Path file) throws IOException {
        Path to = from.resolve("f" + random.nextInt(6));
        if (!Files.isDirectory(to)) {
            Files.move(file, to, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Inserts, deletes, moves, overwrites or cuts a piece. */
    private void change(Path file) throws IOException {
        byte[] old = Files.readAllBytes(file);
        int at = random.nextInt(old.length + 1);
        int length = Math.min(old.length - at, random.nextInt(20_000));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (random.nextInt(6)) {
            case 0 -> {
                out.write(old, 0, at);
                out.writeBytes(octets(random.nextInt(5_000)));
                out.write(old, at, old.length - at);
            }
            case 1 -> {
                out.write(old, 0, at);
                out.write(old, at + length, old.length - at - length);
            }
            case 2 -> {
                out.write(old, at, length);
                out.write(old, 0, at);
                out.write(old, at + length, old.length - at - length);
            }
            case 3 -> out.write(old, 0, at);
            case 4 -> {
                out.writeBytes(old);
                out.write(old, at, length);
            }
            default -> {
                out.write(old, 0, at);
                out.writeBytes(octets(length));
                out.write(old, at + length, old.length - at - length);
            }
        }
        Files.write(file, out.toByteArray());
    }

    /** Random octets, sometimes all zero, sometimes compressible. */
    private byte[] octets(int length) {
        byte[] octets = new byte[length];
        int kind = random.nextInt(4);
        if (kind > 0) {
            random.nextBytes(octets);
        }
        if (kind == 1) {
            for (int i = 0; i < length; i++) {
                octets[i] = (byte) (octets[i] & 3);
            }
        }
        return octets;
    }
}
