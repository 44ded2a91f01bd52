package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Standard output that remembers why it could not be written, which Java's own does not tell. In UTF-8, whatever the locale.
 * Any thread.
 */
public final class StandardOutput extends PrintStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String CLOSED_PIPE = "broken pipe";

    private final Remembering target;

    StandardOutput(OutputStream target) {
        this(new Remembering(target));
    }

    private StandardOutput(Remembering target) {
        super(new BufferedOutputStream(target, BUFFER_BYTES), false, UTF_8);
        this.target = target;
    }

    /** A writer to the same place, which knows of its errors. */
    PrintWriter writer() {
        return new PrintWriter(new OutputStreamWriter(target, UTF_8), true);
    }

    /** Why something was not written, null if all was so far. */
    @Nullable IOException failure() {
        return target.failure;
    }

    /**
     * Writes out what is in the way of a stream that does not tell its errors itself, such as System.out.
     *
     * @throws IOException if something written to it so far is lost
     */
    public static void flush(PrintStream out) throws IOException {
        if (!out.checkError()) {
            return;
        }
        IOException known = out instanceof StandardOutput ours ? ours.failure() : null;
        throw known == null ? new IOException("standard output cannot be written") : known;
    }

    /** Whether the failure says that the reader of a pipe has ended, such as head, which is no error of anybody. */
    public static boolean isClosedPipe(Throwable failure) {
        String message = failure.getMessage();
        return message != null && message.toLowerCase(Locale.ROOT).contains(CLOSED_PIPE);
    }

    /** Passes everything on at once. After the first failure nothing is written any more: it would come after a gap. */
    private static final class Remembering extends OutputStream {
        private final OutputStream target;
        private volatile @Nullable IOException failure;

        private Remembering(OutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] octets, int from, int length) throws IOException {
            IOException before = failure;
            if (before != null) {
                throw new IOException(before.getMessage(), before);
            }
            try {
                target.write(octets, from, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public synchronized void flush() throws IOException {
            try {
                target.flush();
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}
