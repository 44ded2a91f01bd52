package io.bactrian.ship.core;

/** Makes the signature of a file while it is read from its beginning, in pieces of any size. One thread. */
final class OwnBlocks {
    private final BlockTable table;
    private final byte[] pending;
    private int size;

    OwnBlocks(BlockTable table) {
        this.table = table;
        pending = new byte[table.blockBytes()];
    }

    void add(byte[] octets, int from, int length) {
        int at = from;
        int end = from + length;
        if (size > 0) {
            int missing = Math.min(table.length(table.known()) - size, length);
            System.arraycopy(octets, at, pending, size, missing);
            size += missing;
            at += missing;
            if (size == table.length(table.known())) {
                table.add(pending, 0, size);
                size = 0;
            }
        }
        while (at < end && end - at >= table.length(table.known())) {
            int block = table.length(table.known());
            table.add(octets, at, block);
            at += block;
        }
        if (at < end) {
            System.arraycopy(octets, at, pending, 0, end - at);
            size = end - at;
        }
    }

    /** The signature once all was added. */
    BlockTable table() {
        return table;
    }
}
