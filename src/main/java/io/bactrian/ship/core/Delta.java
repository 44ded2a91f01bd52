package io.bactrian.ship.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file once, from a place to an end that is fixed before, and tells it as operations on the blocks of an old file.
 * Its memory is one buffer, whatever the size. One thread.
 */
final class Delta {
    /** No frame's operations are much longer, and a frame of one literal has just so much of it. */
    static final int OPS_BYTES = 256 << 10;

    /** A frame is sent at the latest after so much of the file, so that the receiver works at the same time. */
    private static final int PROGRESS_BYTES = 4 << 20;

    private static final int READ_BYTES = 512 << 10;
    private static final int ZERO_RUN = 4096;
    private static final byte[] ZEROS = new byte[ZERO_RUN];

    private final FileChannel in;
    private final long end;
    private final FileHash hash;
    private final @Nullable BlockTable base;
    private final @Nullable OwnBlocks own;
    private final byte[] buffer;
    private long copyPrefix;
    private long copied;
    private long readTo;
    private int literal;
    private int at;
    private int limit;
    private int likely;
    private int check;
    private boolean checked;

    /**
     * A delta of the octets from {@code from} to {@code end}.
     *
     * @param copyPrefix how many first octets are known to be those of the old file, and are not read
     * @param hash covers the octets before those that are read, and is taken on
     * @param base the old file's blocks, or null if there is none
     * @param own takes in the blocks of this file, or null
     */
    Delta(
            FileChannel in,
            long from,
            long copyPrefix,
            long end,
            FileHash hash,
            @Nullable BlockTable base,
            @Nullable OwnBlocks own) {
        this.in = in;
        this.end = end;
        this.hash = hash;
        this.base = base;
        if (base != null) {
            base.index();
        }
        this.own = own;
        this.copyPrefix = copyPrefix;
        readTo = Math.max(from, copyPrefix);
        int block = base == null ? 0 : base.blockBytes();
        long room = base == null ? OPS_BYTES : READ_BYTES + 2L * block;
        buffer = new byte[(int) Math.min(room, Math.max(1, end - readTo))];
        likely = base == null ? -1 : (int) Math.min(Integer.MAX_VALUE, from / block);
    }

    /**
     * Adds the operations of the next frame.
     *
     * @return whether that was the last of the file
     * @throws ShipException {@link ShipErrorCode#BASE_CHANGED} if this file has become shorter
     */
    boolean fill(Ops ops) throws IOException, ShipException {
        if (copied < copyPrefix) {
            long length = Math.min(copyPrefix - copied, PROGRESS_BYTES);
            ops.copy(copied, length);
            copied += length;
            return copied == copyPrefix && readTo == end;
        }
        int block = base == null ? 0 : base.blockBytes();
        int needed = base == null ? 0 : Math.max(block, ZERO_RUN);
        while (ops.size() < OPS_BYTES && ops.made() < PROGRESS_BYTES) {
            if (base == null && at == limit && ops.size() > OPS_BYTES / 2) {
                // So that the next frame may be one of a literal.
                break;
            }
            if (limit - at <= needed && readTo < end) {
                flush(ops, at);
                refill();
            }
            if (at == limit) {
                break;
            }
            if (zeros()) {
                flush(ops, at);
                ops.zeros(ZERO_RUN);
                skip(ZERO_RUN);
            } else if (base == null) {
                at = Math.min(limit, at + ZERO_RUN);
            } else if (limit - at < block) {
                end(ops, base);
            } else {
                search(ops, base);
            }
            if (at - literal >= OPS_BYTES) {
                flush(ops, at);
            }
        }
        flush(ops, at);
        return at == limit && readTo == end;
    }

    private void refill() throws IOException, ShipException {
        System.arraycopy(buffer, at, buffer, 0, limit - at);
        limit -= at;
        at = 0;
        literal = 0;
        int length = (int) Math.min(buffer.length - limit, end - readTo);
        read(buffer, limit, length);
        limit += length;
    }

    /** Reads the next octets of the file, and takes them in. */
    private void read(byte[] into, int from, int length) throws IOException, ShipException {
        ByteBuffer room = ByteBuffer.wrap(into, from, length);
        while (room.hasRemaining()) {
            int read = in.read(room, readTo);
            if (read < 0) {
                throw new ShipException(ShipErrorCode.BASE_CHANGED, "the file became shorter while it was read");
            }
            readTo += read;
        }
        hash.update(into, from, length);
        if (own != null) {
            own.add(into, from, length);
        }
    }

    /** Whether the next {@link #OPS_BYTES} are a literal and not the last, unless zeros are in them: there is no old file. */
    boolean nextIsLiteral() {
        return base == null && copied == copyPrefix && at == limit && end - readTo > OPS_BYTES;
    }

    /**
     * Reads the next {@link #OPS_BYTES} of the file to the end of a frame, which spares copies. After {@link #nextIsLiteral}.
     *
     * @return false if {@link #fill} has to tell them, as there are zeros in them
     */
    boolean literal(byte[] frame) throws IOException, ShipException {
        int from = frame.length - OPS_BYTES;
        read(frame, from, OPS_BYTES);
        boolean zeros = false;
        for (int place = from; place < frame.length && !zeros; place += ZERO_RUN) {
            zeros = zeros(frame, place);
        }
        if (zeros) {
            System.arraycopy(frame, from, buffer, 0, OPS_BYTES);
            at = 0;
            literal = 0;
            limit = OPS_BYTES;
        }
        return !zeros;
    }

    private boolean zeros() {
        return limit - at >= ZERO_RUN && zeros(buffer, at);
    }

    private static boolean zeros(byte[] octets, int from) {
        return octets[from] == 0 && Arrays.equals(octets, from, from + ZERO_RUN, ZEROS, 0, ZERO_RUN);
    }

    private void skip(int octets) {
        at += octets;
        literal = at;
        checked = false;
    }

    private void flush(Ops ops, int to) {
        ops.literal(buffer, literal, to - literal);
        literal = to;
    }

    /** Less than a block is left of the file: perhaps it ends as the old one does. */
    private void end(Ops ops, BlockTable table) {
        int last = table.count() - 1;
        int length = last < 0 ? 0 : table.length(last);
        int from = limit - length;
        if (length > 0 && from >= at && table.isShortEnd(buffer, from, length)) {
            flush(ops, from);
            ops.copy((long) last * table.blockBytes(), length);
            literal = limit;
        }
        at = limit;
    }

    /** Looks for a block from here on, as far as the buffer or a frame's literals go. */
    private void search(Ops ops, BlockTable table) {
        int block = table.blockBytes();
        RollingCrc rolling = table.rolling();
        if (!checked) {
            check = rolling.of(buffer, at, block);
            checked = true;
        }
        int found = table.find(check, buffer, at, likely);
        int last = Math.min(limit - block, literal + OPS_BYTES);
        int i = at;
        int rolled = check;
        while (found < 0 && i < last) {
            rolled = rolling.roll(rolled, buffer[i], buffer[i + block]);
            i++;
            if (table.mayHave(rolled)) {
                found = table.find(rolled, buffer, i, -1);
            }
        }
        check = rolled;
        at = i;
        if (found >= 0) {
            flush(ops, at);
            ops.copy((long) found * block, block);
            likely = found + 1;
            skip(block);
        } else if (at == limit - block && readTo == end) {
            // No whole block fits further on.
            at++;
            checked = false;
        }
    }
}
