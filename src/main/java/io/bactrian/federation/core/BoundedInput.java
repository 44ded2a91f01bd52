package io.bactrian.federation.core;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** An input that fails beyond a bound, so that a small batch cannot unfold into a huge one. */
final class BoundedInput extends FilterInputStream {
    private long left;

    BoundedInput(InputStream in, long bytesMax) {
        super(in);
        this.left = bytesMax;
    }

    @Override
    public int read() throws IOException {
        int octet = super.read();
        take(octet < 0 ? 0 : 1);
        return octet;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        take(Math.max(0, count));
        return count;
    }

    private void take(int count) throws IOException {
        left -= count;
        if (left < 0) {
            throw new IOException("more than was allowed");
        }
    }
}
