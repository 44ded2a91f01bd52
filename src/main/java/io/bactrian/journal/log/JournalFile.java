package io.bactrian.journal.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file that is read and written at given offsets, by any thread. Interrupting a thread does not harm it. */
interface JournalFile extends Closeable {

    long size() throws IOException;

    /** Writes all that remains in the buffer; on an error any part of it may have been written. */
    void write(ByteBuffer source, long offset) throws IOException;

    /** Reads until the buffer is full or the file ends; returns the number of bytes read, 0 at the end. */
    int read(ByteBuffer target, long offset) throws IOException;

    /** Returns when everything that was written before is on the disk. */
    void force() throws IOException;

    void truncate(long size) throws IOException;
}
