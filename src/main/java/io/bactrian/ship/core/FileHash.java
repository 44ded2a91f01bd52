package io.bactrian.ship.core;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** The running hash of a whole file, of which a copy can be taken at any time. One thread. */
abstract class FileHash {
    private static final byte[] ZEROS = new byte[1 << 16];

    /** Which hash; the numbers are those of the protocol. */
    public enum Kind {
        /** SHA-256 (FIPS 180-4): nobody can make two files of one hash. */
        SHA256(1, 32),
        /** XXH3 with 128 bits: an error is found, a forger is not; what rsync uses. */
        XXH128(2, 16);

        private final int number;
        private final int bytes;

        Kind(int number, int bytes) {
            this.number = number;
            this.bytes = bytes;
        }

        int number() {
            return number;
        }

        /** Length of a digest. */
        int bytes() {
            return bytes;
        }

        static Kind of(int number) throws ShipException {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new ShipException(ShipErrorCode.MALFORMED, "no hash " + number);
        }

        /** The hash that a configuration names. */
        static Kind named(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }
    }

    static FileHash of(Kind kind) {
        return kind == Kind.SHA256
                ? new Sha256()
                : new Xxh128(Hashing.xxh3_128().hashStream());
    }

    abstract void update(byte[] octets, int from, int length);

    /** The hash of what there was until now; it can go on. */
    abstract byte[] digest();

    /** A copy that goes its own way. */
    abstract FileHash copy();

    /** Takes in octets of zero. */
    void zeros(long count) {
        for (long left = count; left > 0; left -= ZEROS.length) {
            update(ZEROS, 0, (int) Math.min(left, ZEROS.length));
        }
    }

    private static final class Sha256 extends FileHash {
        private final MessageDigest digest;

        Sha256() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        private Sha256(MessageDigest digest) {
            this.digest = digest;
        }

        @Override
        void update(byte[] octets, int from, int length) {
            digest.update(octets, from, length);
        }

        @Override
        byte[] digest() {
            return cloned().digest();
        }

        @Override
        FileHash copy() {
            return new Sha256(cloned());
        }

        private MessageDigest cloned() {
            try {
                return (MessageDigest) digest.clone();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException("this Java's SHA-256 cannot be copied", e);
            }
        }
    }

    private static final class Xxh128 extends FileHash {
        private final HashStream128 stream;

        Xxh128(HashStream128 stream) {
            this.stream = stream;
        }

        @Override
        void update(byte[] octets, int from, int length) {
            stream.putBytes(octets, from, length);
        }

        @Override
        byte[] digest() {
            var value = stream.get();
            return ByteBuffer.allocate(16)
                    .putLong(value.getMostSignificantBits())
                    .putLong(value.getLeastSignificantBits())
                    .array();
        }

        @Override
        FileHash copy() {
            return new Xxh128(stream.copy());
        }
    }
}
