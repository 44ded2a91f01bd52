package io.bactrian.federation.core;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

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
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(octets)) {
            out.writeUTF(key);
            out.writeLong(ttlMs);
            out.write(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    /** Reads a request; {@link IllegalArgumentException} if it is none. */
    public static SetRequest read(byte[] octets) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets))) {
            return new SetRequest(in.readUTF(), in.readLong(), in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalArgumentException("a command to state is key, ttl and value", e);
        }
    }
}
