package io.bactrian.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordReaderTest {
    private static List<String> records(InputStream in) throws IOException {
        RecordReader reader = new RecordReader(in, '\n');
        List<String> all = new ArrayList<>();
        for (byte[] record = reader.read(); record != null; record = reader.read()) {
            all.add(new String(record, StandardCharsets.ISO_8859_1));
        }
        return all;
    }

    private static InputStream of(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void anEmptyLineIsAnEmptyRecordAndTheLastNeedsNoNewline() throws IOException {
        assertThat(records(of(""))).isEmpty();
        assertThat(records(of("\n"))).containsExactly("");
        assertThat(records(of("a\n\nb"))).containsExactly("a", "", "b");
        assertThat(records(of("a\nb\n"))).containsExactly("a", "b");
    }

    @Test
    void recordsOfAnyLengthAreCutWhereverTheReadsEnd() throws IOException {
        Random random = new Random(1);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            lines.add("x".repeat(random.nextInt(i % 20 == 0 ? 200_000 : 300)));
        }
        InputStream dribbling = new InputStream() {
            private final InputStream whole = of(String.join("\n", lines) + "\n");

            @Override
            public int read() {
                throw new UnsupportedOperationException("an octet at a time is slow");
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                return whole.read(into, from, Math.min(length, 1 + random.nextInt(70_000)));
            }
        };
        assertThat(records(dribbling)).isEqualTo(lines);
    }

    @Test
    void aRecordIsThereBeforeMoreIsRead() throws IOException {
        InputStream oneLine = new InputStream() {
            private boolean given;

            @Override
            public int read() {
                throw new UnsupportedOperationException("an octet at a time is slow");
            }

            @Override
            public int read(byte[] into, int from, int length) {
                assertThat(given).as("what comes next may take long").isFalse();
                given = true;
                into[from] = 'a';
                into[from + 1] = '\n';
                return 2;
            }
        };
        assertThat(new RecordReader(oneLine, '\n').read()).containsExactly('a');
    }
}
