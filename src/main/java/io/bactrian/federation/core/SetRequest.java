package io.bactrian.federation.core;

import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;

/**
 * The body of a command to the actor {@code state}: set a key, or delete it by an empty value.
 *
 * @param key the key
 * @param ttlMs after which time the key is deleted, in ms; 0 for never
 * @param value the value
 */
@SuppressWarnings("ArrayRecordComponent") // octets that nobody changes
public record SetRequest(String key, long ttlMs, byte[] value) {
    /** The request as octets. */
    public static byte[] octets(String key, long ttlMs, byte[] value) {
        return new FrameWriter(64)
                .utf(key)
                .u64(ttlMs)
                .bytes(value, 0, value.length)
                .done();
    }

    /** Reads a request; {@link IllegalArgumentException} if it is none. */
    public static SetRequest read(byte[] octets) {
        FrameReader<IllegalArgumentException> in = new FrameReader<>(
                octets,
                0,
                octets.length,
                text -> new IllegalArgumentException("a command to state is key, ttl and value: " + text));
        return new SetRequest(in.utf(), in.bits64(), in.bytes(in.remaining()));
    }
}
