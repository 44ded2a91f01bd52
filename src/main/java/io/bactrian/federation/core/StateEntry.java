package io.bactrian.federation.core;

import io.bactrian.wire.FrameWriter;
import java.nio.charset.StandardCharsets;

/**
 * One key with its value, as its owner has set it. The arrays are not copied: nobody changes them.
 *
 * @param key the key, such as {@code tunnel.fan.speed}
 * @param owner the id of the node that owns the key
 * @param version the place among all changes of the owner
 * @param uuid the 16 octets by which a client named its change, or empty
 * @param expiresMs when the owner deletes it, in ms since 1970; 0 for never
 * @param changedMs when its owner has set the value, by the owner's clock, in ms since 1970; 0 if that is not known
 * @param value the value; empty if the key is deleted
 * @param signature the owner's signature of all the above, in Base64; empty without signatures
 */
@SuppressWarnings("ArrayRecordComponent") // octets that nobody changes
public record StateEntry(
        String key,
        String owner,
        StateVersion version,
        byte[] uuid,
        long expiresMs,
        long changedMs,
        byte[] value,
        String signature) {
    /** Whether the entry says that the key is gone. */
    public boolean deleted() {
        return value.length == 0;
    }

    /** The entry that says that a key is gone; of nobody's signature. */
    static StateEntry gone(String key, String owner, StateVersion version) {
        return new StateEntry(key, owner, version, ClusteredHashmap.EMPTY, 0, 0, ClusteredHashmap.EMPTY, "");
    }

    /** Returns the octets that the owner signs. */
    public byte[] signed() {
        FrameWriter out = new FrameWriter(256);
        // What was signed before there were times has none.
        out.utf(changedMs == 0 ? "state" : "state-at");
        out.utf(key);
        out.utf(owner);
        out.u64(version.epoch());
        out.u64(version.number());
        out.u64(expiresMs);
        if (changedMs != 0) {
            out.u64(changedMs);
        }
        out.u32(uuid.length);
        out.bytes(uuid, 0, uuid.length);
        out.bytes(value, 0, value.length);
        return out.done();
    }

    /** The same entry with a signature. */
    public StateEntry with(String newSignature) {
        return new StateEntry(key, owner, version, uuid, expiresMs, changedMs, value, newSignature);
    }

    /** The value as UTF-8. */
    public String text() {
        return new String(value, StandardCharsets.UTF_8);
    }
}
