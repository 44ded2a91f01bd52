package io.bactrian.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The frames of a ZeroMQ message in the body of one record: for each a length of four octets, then its octets. */
public final class Multipart {
    private Multipart() {}

    /**
     * Packs frames.
     *
     * @throws IllegalArgumentException without a frame, or above 2 GiB
     */
    public static byte[] pack(List<byte[]> frames) {
        long size = 0;
        for (byte[] frame : frames) {
            size += 4L + frame.length;
        }
        if (size == 0 || size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("cannot pack " + frames.size() + " frames of " + size + " octets");
        }
        byte[] body = new byte[(int) size];
        int at = 0;
        for (byte[] frame : frames) {
            Octets.putInt(body, at, frame.length);
            System.arraycopy(frame, 0, body, at + 4, frame.length);
            at += 4 + frame.length;
        }
        return body;
    }

    /**
     * Unpacks a body, as {@link Batch#parse} has checked it, into copies of its frames.
     *
     * @throws IllegalArgumentException if lengths do not fit
     */
    public static List<byte[]> unpack(byte[] buffer, int offset, int length) {
        List<byte[]> frames = new ArrayList<>();
        int end = offset + length;
        int at = offset;
        do {
            int frame = end - at < 4 ? -1 : Octets.getInt(buffer, at);
            at += 4;
            if (frame < 0 || frame > end - at) {
                throw new IllegalArgumentException("not the frames of a message");
            }
            frames.add(Arrays.copyOfRange(buffer, at, at + frame));
            at += frame;
        } while (at < end);
        return frames;
    }
}
