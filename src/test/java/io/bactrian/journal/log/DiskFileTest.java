package io.bactrian.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written past the page cache, through it, and across the border of the two, is one file. */
class DiskFileTest {
    private static final int BYTES = 8 << 20;

    @TempDir
    private Path folder;

    private final Random random = new Random(5);
    private final byte[] written = new byte[BYTES];

    private static ByteBuffer aligned(int bytes) {
        return ByteBuffer.allocateDirect(bytes + DiskFile.BLOCK_BYTES)
                .alignedSlice(DiskFile.BLOCK_BYTES)
                .slice(0, bytes);
    }

    private DiskFile create(Path path) throws IOException {
        return new DiskFile(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Appends pieces of any size, with blocks of memory where blocks of the file are, as the writer of a segment does. */
    private void fill(DiskFile file) throws IOException {
        random.nextBytes(written);
        ByteBuffer buffer = aligned(1 << 20);
        int at = 0;
        while (at < BYTES) {
            int from = at % DiskFile.BLOCK_BYTES;
            int most = random.nextBoolean() ? 300 : buffer.capacity() - from;
            int length = Math.min(BYTES - at, 1 + random.nextInt(most));
            buffer.clear().position(from);
            buffer.put(written, at, length).flip().position(from);
            file.write(buffer, at);
            assertThat(buffer.hasRemaining()).isFalse();
            at += length;
            if (random.nextInt(4) == 0) {
                file.force();
            }
        }
    }

    @Test
    void piecesOfAnySizeMakeOneFile() throws IOException {
        Path path = folder.resolve("pieces");
        try (DiskFile file = create(path)) {
            fill(file);
            assertThat(file.size()).isEqualTo(BYTES);
            file.force();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(written);
    }

    @Test
    void bulkReadsSeeWhatWasWrittenEitherWay() throws IOException {
        try (DiskFile file = create(folder.resolve("bulk"))) {
            fill(file);
            file.truncate(BYTES - 1_000);
            ByteBuffer blocks = aligned(1 << 20);
            ByteBuffer plain = ByteBuffer.allocate(1 << 20);
            for (int at = 0; at < BYTES; at += 600 * DiskFile.BLOCK_BYTES / 4) {
                int expected = Math.min(1 << 20, BYTES - 1_000 - at);
                byte[] there = Arrays.copyOfRange(written, at, at + expected);
                for (ByteBuffer target : new ByteBuffer[] {blocks, plain}) {
                    target.clear();
                    assertThat(file.read(target, at)).isEqualTo(expected);
                    byte[] read = new byte[expected];
                    target.get(0, read);
                    assertThat(read).isEqualTo(there);
                }
            }
        }
    }

    @Test
    void anInterruptHarmsNeitherHandle() throws IOException {
        try (DiskFile file = create(folder.resolve("interrupted"))) {
            fill(file);
            ByteBuffer blocks = aligned(1 << 20);
            Thread.currentThread().interrupt();
            assertThat(file.read(blocks, 0)).isEqualTo(1 << 20);
            file.write(blocks.flip(), BYTES);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(file.size()).isEqualTo(BYTES + (1 << 20));
            file.force();
        }
    }
}
