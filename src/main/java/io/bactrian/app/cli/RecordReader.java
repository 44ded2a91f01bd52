package io.bactrian.app.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Cuts octets into records at a separator. A record is there as soon as its separator is. One thread. */
final class RecordReader {
    private static final int BUFFER = 1 << 16;

    private final InputStream in;
    private final byte separator;
    private final byte[] buffer = new byte[BUFFER];
    /** What was read of a record that the buffer does not hold whole. */
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

    private int from;
    private int to;

    RecordReader(InputStream in, char separator) {
        this.in = in;
        this.separator = (byte) separator;
    }

    /** The next record without its separator; null after the last. */
    byte @Nullable [] read() throws IOException {
        begun.reset();
        while (from < to || fill()) {
            int end = from;
            while (end < to && buffer[end] != separator) {
                end++;
            }
            if (end < to) {
                byte[] record = with(end);
                from = end + 1;
                return record;
            }
            begun.write(buffer, from, to - from);
            from = to;
        }
        return begun.size() == 0 ? null : begun.toByteArray();
    }

    private byte[] with(int end) {
        if (begun.size() == 0) {
            return Arrays.copyOfRange(buffer, from, end);
        }
        begun.write(buffer, from, end - from);
        return begun.toByteArray();
    }

    private boolean fill() throws IOException {
        from = 0;
        to = Math.max(0, in.read(buffer));
        return to > 0;
    }
}
