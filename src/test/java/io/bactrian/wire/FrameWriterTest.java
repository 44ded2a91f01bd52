package io.bactrian.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameWriterTest {
    /** Logs, journals and signatures of earlier versions have texts as Java's data streams write them. */
    @Test
    void modifiedTextHasTheOctetsOfJavasDataStreams() throws Exception {
        for (String text : List.of("", "a", "größe", "nul \0", "\ud83d\ude80", "half \ud83d", "x".repeat(65_535))) {
            ByteArrayOutputStream octets = new ByteArrayOutputStream();
            new DataOutputStream(octets).writeUTF(text);

            byte[] frame = new FrameWriter(8).utf(text).done();

            assertThat(frame).isEqualTo(octets.toByteArray());
            FrameReader<WireException> in = new FrameReader<>(frame, 0, frame.length, WireException::malformed);
            assertThat(in.utf()).isEqualTo(text);
            in.end();
        }
    }

    @Test
    void aTextThatIsTooLongForItsLengthIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new FrameWriter(8).utf("x".repeat(65_536)));
        assertThatIllegalArgumentException().isThrownBy(() -> new FrameWriter(8).str16("x".repeat(65_536)));
        assertThatIllegalArgumentException().isThrownBy(() -> new FrameWriter(8).str8("x".repeat(256)));
    }

    @Test
    void modifiedTextThatIsNoneIsRefused() throws IOException {
        byte[] frame = {0, 2, (byte) 0xc3, (byte) 0xff};
        FrameReader<IOException> in = new FrameReader<>(frame, 0, frame.length, IOException::new);
        assertThatIOException().isThrownBy(in::utf).withMessageContaining("UTF-8");
    }

    @Test
    void aSealThatIsWrongIsFound() throws Exception {
        byte[] frame = new FrameWriter(4).u64(7).str16("text").sealed();
        FrameReader<WireException> good = new FrameReader<>(frame, 0, frame.length, WireException::malformed);
        good.checkSeal();
        assertThat(good.u64()).isEqualTo(7);
        assertThat(good.str16()).isEqualTo("text");
        good.end();
        for (int at = 0; at < frame.length; at++) {
            byte[] bad = frame.clone();
            bad[at] ^= 1;
            FrameReader<IOException> in = new FrameReader<>(bad, 0, bad.length, IOException::new);
            assertThatIOException().as("octet %d", at).isThrownBy(in::checkSeal);
        }
    }
}
