package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * A file that is read although the disk refuses parts of it: those read as zeros, which no checksum takes for an entry. A part is a
 * block of {@link DiskFile#BLOCK_BYTES}, and is asked for once, because a disk may take seconds to refuse. Used by one thread.
 */
final class SalvageFile implements JournalFile {
    private final JournalFile file;
    private final Set<Long> refused = new HashSet<>();
    private boolean gave;

    SalvageFile(JournalFile file) {
        this.file = file;
    }

    /** Whether an error of a read says that the disk refuses these bytes, and not that the file is closed or absent. */
    static boolean isRefusal(IOException error) {
        return !(error instanceof ClosedChannelException) && !(error instanceof FileSystemException);
    }

    /**
     * What a reader tells when a read fails.
     *
     * @throws IOException {@code error}, if it is no refusal
     */
    static JournalDamagedException damage(Path path, long offset, IOException error) throws IOException {
        if (!isRefusal(error)) {
            throw error;
        }
        JournalDamagedException damage =
                new JournalDamagedException(path, offset, "the disk refuses to give it: " + error.getMessage());
        damage.initCause(error);
        return damage;
    }

    /** How many bytes the disk has refused up to now; whole blocks. */
    long refusedBytes() {
        return (long) refused.size() * DiskFile.BLOCK_BYTES;
    }

    /** Whether the disk has refused everything that was asked for: then it is the disk that fails, and no part of it. */
    boolean isDead() {
        return !refused.isEmpty() && !gave;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
        int start = target.position();
        if (!refused.isEmpty()) {
            return readBlocks(target, offset);
        }
        try {
            int got = file.read(target, offset);
            gave |= got > 0;
            return got;
        } catch (IOException e) {
            if (!isRefusal(e)) {
                throw e;
            }
            target.position(start);
            return readBlocks(target, offset);
        }
    }

    private int readBlocks(ByteBuffer target, long offset) throws IOException {
        long end = Math.min(offset + target.remaining(), file.size());
        int total = 0;
        for (long at = offset; at < end; ) {
            long block = at / DiskFile.BLOCK_BYTES;
            int length = (int) (Math.min(end, (block + 1) * DiskFile.BLOCK_BYTES) - at);
            ByteBuffer part = ByteBuffer.allocate(length);
            target.put(isGiven(block, part, at) ? part.flip() : ByteBuffer.allocate(length));
            total += length;
            at += length;
        }
        return total;
    }

    private boolean isGiven(long block, ByteBuffer part, long at) throws IOException {
        if (refused.contains(block)) {
            return false;
        }
        try {
            gave |= file.read(part, at) > 0;
            return true;
        } catch (IOException e) {
            if (!isRefusal(e)) {
                throw e;
            }
            refused.add(block);
            return false;
        }
    }

    @Override
    public void write(ByteBuffer source, long offset) {
        throw new UnsupportedOperationException("only reads");
    }

    @Override
    public void force() {
        throw new UnsupportedOperationException("only reads");
    }

    @Override
    public void truncate(long size) {
        throw new UnsupportedOperationException("only reads");
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
