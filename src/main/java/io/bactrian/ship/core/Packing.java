package io.bactrian.ship.core;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.bactrian.wire.FrameWriter;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** How a frame's content is compressed: Zstandard (RFC 8878), or DEFLATE (RFC 1951) where its library does not load. */
enum Packing {
    RAW(0),
    DEFLATE(1),
    ZSTD(2);

    /** One octet of a mask can name what a peer knows. */
    static final int RAW_ONLY = 1;

    private static final boolean ZSTD_LOADS = zstdLoads();
    private static final int LEVEL = 1;

    private final int number;

    Packing(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    private static boolean zstdLoads() {
        try {
            return Zstd.compressBound(1) > 0;
        } catch (LinkageError e) {
            // A platform without the native library: DEFLATE is in every Java.
            return false;
        }
    }

    /** A mask of all that is known here. */
    static int known() {
        return RAW_ONLY | 1 << DEFLATE.number | (ZSTD_LOADS ? 1 << ZSTD.number : 0);
    }

    /** The best that both sides know. */
    static Packing best(int mask) {
        int both = mask & known();
        return (both & 1 << ZSTD.number) != 0 ? ZSTD : (both & 1 << DEFLATE.number) != 0 ? DEFLATE : RAW;
    }

    static Packing of(int number) throws ShipException {
        for (Packing packing : values()) {
            if (packing.number == number && (known() & 1 << number) != 0) {
                return packing;
            }
        }
        throw new ShipException(ShipErrorCode.MALFORMED, "no compression " + number);
    }

    /** Writes octets compressed; returns false, with nothing written, if that would not make them smaller. */
    boolean pack(byte[] octets, int length, FrameWriter out) {
        // Room for what becomes larger, which the library wants to have.
        byte[] packed = new byte[this == ZSTD ? (int) Zstd.compressBound(length) : length];
        int size = switch (this) {
            case RAW -> 0;
            case ZSTD -> zstd(octets, length, packed);
            case DEFLATE -> deflate(octets, length, packed);
        };
        if (size <= 0 || size >= length) {
            return false;
        }
        out.bytes(packed, 0, size);
        return true;
    }

    private static int zstd(byte[] octets, int length, byte[] packed) {
        long size = Zstd.compressByteArray(packed, 0, packed.length, octets, 0, length, LEVEL);
        return Zstd.isError(size) ? 0 : (int) size;
    }

    private static int deflate(byte[] octets, int length, byte[] packed) {
        Deflater deflater = new Deflater(LEVEL, true);
        try {
            deflater.setInput(octets, 0, length);
            deflater.finish();
            int size = deflater.deflate(packed);
            return deflater.finished() ? size : 0;
        } finally {
            deflater.end();
        }
    }

    /**
     * Takes octets apart again.
     *
     * @param rawBytes their size then, which the caller has bounded
     * @throws ShipException {@link ShipErrorCode#MALFORMED} if it is not that
     */
    byte[] unpack(byte[] frame, int from, int length, int rawBytes) throws ShipException {
        byte[] raw = new byte[rawBytes];
        long size = switch (this) {
            case RAW -> copied(frame, from, length, raw);
            case ZSTD -> unzstd(frame, from, length, raw);
            case DEFLATE -> inflate(frame, from, length, raw);
        };
        if (size != rawBytes) {
            throw new ShipException(ShipErrorCode.MALFORMED, "compressed content has another size than it says");
        }
        return raw;
    }

    private static int copied(byte[] frame, int from, int length, byte[] raw) {
        if (length != raw.length) {
            return -1;
        }
        System.arraycopy(frame, from, raw, 0, length);
        return length;
    }

    private static long unzstd(byte[] frame, int from, int length, byte[] raw) {
        try {
            return Zstd.decompressByteArray(raw, 0, raw.length, frame, from, length);
        } catch (ZstdException e) {
            return -1;
        }
    }

    private static int inflate(byte[] frame, int from, int length, byte[] raw) {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(frame, from, length);
            int size = inflater.inflate(raw);
            return inflater.inflate(new byte[1]) == 0 ? size : -1;
        } catch (DataFormatException e) {
            return -1;
        } finally {
            inflater.end();
        }
    }
}
