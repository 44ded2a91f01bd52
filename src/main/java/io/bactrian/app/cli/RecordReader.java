package io.bactrian.app.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Cuts octets into records at a separator. One thread. */
final class RecordReader {
    private static final int BUFFER = 1 << 16;

    private final InputStream in;
    private final int separator;
    private final ByteArrayOutputStream record = new ByteArrayOutputStream();

    RecordReader(InputStream in, char separator) {
        this.in = new BufferedInputStream(in, BUFFER);
        this.separator = separator;
    }

    /** The next record without its separator; null after the last. */
    byte @Nullable [] read() throws IOException {
        record.reset();
        int octet = in.read();
        if (octet < 0) {
            return null;
        }
        while (octet >= 0 && octet != separator) {
            record.write(octet);
            octet = in.read();
        }
        return record.toByteArray();
    }
}
