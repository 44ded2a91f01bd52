package io.bactrian.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames that were changed at random are either read, or refused by a WireException; nothing else comes out. */
class WireFuzzTest {
    private static final int ROUNDS = 200_000;
    private static final Limits LIMITS = new Limits(64, 1024);

    @Test
    void changedAndCutFramesOnlyEverGiveAWireException() {
        List<Vectors.Valid> vectors = Vectors.valid();
        Random random = new Random(20261120);
        int read = 0;
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] frame = change(vectors.get(random.nextInt(vectors.size())).frame(), random);
            try {
                decode(frame);
                read++;
            } catch (WireException e) {
                refused++;
            } catch (RuntimeException e) {
                fail("round " + round + ": " + Vectors.HEX.formatHex(frame), e);
            }
        }
        // Both must happen often, or the changes would be too wild or too tame to prove anything.
        assertThat(read).isGreaterThan(ROUNDS / 20);
        assertThat(refused).isGreaterThan(ROUNDS / 5);
    }

    private static void decode(byte[] frame) throws WireException {
        if (Commands.codeOf(frame) == Batch.COMMAND) {
            Batch batch = Batch.parse(frame, LIMITS);
            assertThat(batch.records()).hasSize(batch.count());
            if (batch.hasHeaders()) {
                batch.forEachRecord(Headers::unpack);
            }
            Batch bare = batch.withoutHeaders();
            assertThat(Batch.parse(bare.bytes(), LIMITS).count()).isEqualTo(batch.count());
            if (bare.multipart()) {
                bare.forEachRecord(Multipart::unpack);
            }
            assertThat(Batch.parse(batch.from(batch.last()).bytes(), LIMITS).count())
                    .isEqualTo(1);
        } else {
            Command command = Commands.decode(frame);
            assertThat(Commands.decode(command.encode())).isEqualTo(command);
        }
    }

    private static byte[] change(byte[] original, Random random) {
        byte[] frame = original.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            switch (random.nextInt(6)) {
                case 0 -> frame = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
                case 1 -> frame = Arrays.copyOf(frame, frame.length + random.nextInt(40));
                default -> {
                    if (frame.length > 0) {
                        int at = random.nextInt(frame.length);
                        frame[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (frame[at] ^ 1);
                    }
                }
            }
        }
        // Most changed batches get a right checksum, so that what is behind the checksum is tried too.
        if (Commands.codeOf(frame) == Batch.COMMAND && frame.length > Batch.FLAGS_AT && random.nextInt(8) > 0) {
            Octets.putInt(frame, Batch.CRC_AT, Batch.checksum(frame, frame.length));
        }
        return frame;
    }
}
