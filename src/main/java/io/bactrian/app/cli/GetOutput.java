package io.bactrian.app.cli;

import io.bactrian.app.StandardOutput;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Where {@code get} writes: a file, whose length is known, or standard output. One thread. */
final class GetOutput implements AutoCloseable {
    private final @Nullable FileChannel file;
    private final PrintStream stream;

    private GetOutput(@Nullable FileChannel file, PrintStream stream) {
        this.file = file;
        this.stream = stream;
    }

    static GetOutput to(@Nullable Path path) throws IOException {
        FileChannel file = path == null
                ? null
                : FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new GetOutput(file, System.out);
    }

    /** Cuts the file to the length that was saved with the cursor, and goes to its end. */
    void cutTo(OptionalLong length) throws IOException {
        if (file != null) {
            if (length.isPresent() && length.getAsLong() < file.size()) {
                file.truncate(length.getAsLong());
            } else if (length.isPresent() && length.getAsLong() > file.size()) {
                throw new IOException("the output has " + file.size() + " octets, but " + length.getAsLong()
                        + " were written: it is not the file of this subscriber, or was changed");
            }
            file.position(file.size());
        }
    }

    /** The file's length, -1 for standard output. */
    long length() throws IOException {
        return file == null ? -1 : file.position();
    }

    /** The file's length on the disk now, -1 for standard output. */
    long size() throws IOException {
        return file == null ? -1 : file.size();
    }

    void write(byte[] octets) throws IOException {
        if (file == null) {
            stream.write(octets, 0, octets.length);
            return;
        }
        ByteBuffer buffer = ByteBuffer.wrap(octets);
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
    }

    /** Returns when everything is out of our hands, and on disk if it is a file. */
    void flush() throws IOException {
        if (file == null) {
            StandardOutput.flush(stream);
        } else {
            file.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
