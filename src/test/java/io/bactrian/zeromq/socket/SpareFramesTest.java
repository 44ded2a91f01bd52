package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SpareFramesTest {
    private static final int LENGTH = 1 << 20;

    private final SpareFrames spares = new SpareFrames();

    @Test
    void theLastOfALengthIsTheFirstToGo() {
        byte[] first = new byte[LENGTH];
        byte[] other = new byte[LENGTH + 1];
        byte[] last = new byte[LENGTH];
        Stream.of(first, last, other).forEach(spares::give);
        assertThat(spares.take(LENGTH)).isSameAs(last);
        assertThat(spares.take(LENGTH + 1)).isSameAs(other);
        assertThat(spares.take(LENGTH)).isSameAs(first);
        assertThat(spares.take(LENGTH)).isNull();
    }

    @Test
    void onlyLargeOnesAreKept() {
        spares.give(new byte[Frames.LARGE_BYTES - 1]);
        spares.give(new byte[Frames.LARGE_BYTES]);
        assertThat(spares.take(Frames.LARGE_BYTES - 1)).isNull();
        assertThat(spares.take(Frames.LARGE_BYTES)).isNotNull();
    }

    @Test
    void theOldestGoWhenThereAreTooMany() {
        byte[][] arrays = IntStream.range(0, 6).mapToObj(i -> new byte[LENGTH]).toArray(byte[][]::new);
        Stream.of(arrays).forEach(spares::give);
        for (int i = 5; i >= 2; i--) {
            assertThat(spares.take(LENGTH)).isSameAs(arrays[i]);
        }
        assertThat(spares.take(LENGTH)).isNull();
        spares.give(new byte[5 * LENGTH]);
        assertThat(spares.take(5 * LENGTH)).isNull();
        spares.give(arrays[0]);
        assertThat(spares.take(LENGTH)).isSameAs(arrays[0]);
    }
}
