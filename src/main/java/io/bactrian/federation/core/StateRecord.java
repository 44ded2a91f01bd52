package io.bactrian.federation.core;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A record in the journal of a node, one for each change of the state. Replaying them in order gives the state.
 */
public sealed interface StateRecord {
    /** A key was set or deleted. */
    record Put(StateEntry entry) implements StateRecord {}

    /** All changes of an owner up to a version are in. */
    record Head(String owner, StateVersion head) implements StateRecord {}

    /** All that was known of an owner is void. */
    record Drop(String owner) implements StateRecord {}

    /** This node has begun an epoch as an owner; its journal goes back to the first one. */
    record Epoch(long epoch, long first) implements StateRecord {}

    /** A snapshot of everything begins: what was before it is void, once it has ended. */
    record SnapshotBegin() implements StateRecord {}

    /** The snapshot is complete. */
    record SnapshotEnd() implements StateRecord {}

    /** The record as octets. */
    static byte[] write(StateRecord item) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(octets)) {
            if (item instanceof Put put) {
                writeEntry(out, put.entry());
            } else if (item instanceof Head head) {
                out.writeByte(2);
                out.writeUTF(head.owner());
                writeVersion(out, head.head());
            } else if (item instanceof Drop drop) {
                out.writeByte(3);
                out.writeUTF(drop.owner());
            } else if (item instanceof Epoch epoch) {
                out.writeByte(4);
                out.writeLong(epoch.epoch());
                out.writeLong(epoch.first());
            } else {
                out.writeByte(item instanceof SnapshotBegin ? 5 : 6);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    private static void writeEntry(DataOutputStream out, StateEntry entry) throws IOException {
        out.writeByte(7);
        out.writeUTF(entry.key());
        out.writeUTF(entry.owner());
        writeVersion(out, entry.version());
        out.writeLong(entry.expiresMs());
        out.writeLong(entry.changedMs());
        out.writeUTF(entry.signature());
        out.writeShort(entry.uuid().length);
        out.write(entry.uuid());
        out.writeInt(entry.value().length);
        out.write(entry.value());
    }

    private static void writeVersion(DataOutputStream out, StateVersion version) throws IOException {
        out.writeLong(version.epoch());
        out.writeLong(version.number());
    }

    /** Reads what {@link #write} has written; {@link IllegalArgumentException} if it is something else. */
    static StateRecord read(byte[] octets) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets))) {
            int kind = in.readUnsignedByte();
            return switch (kind) {
                // Written before changes had a time.
                case 1 -> new Put(readEntry(in, false));
                case 2 -> new Head(in.readUTF(), readVersion(in));
                case 3 -> new Drop(in.readUTF());
                case 4 -> new Epoch(in.readLong(), in.readLong());
                case 5 -> new SnapshotBegin();
                case 6 -> new SnapshotEnd();
                case 7 -> new Put(readEntry(in, true));
                default -> throw new IllegalArgumentException("a state record has no kind " + kind);
            };
        } catch (IOException e) {
            throw new IllegalArgumentException("a state record is cut off", e);
        }
    }

    private static StateEntry readEntry(DataInputStream in, boolean timed) throws IOException {
        String key = in.readUTF();
        String owner = in.readUTF();
        StateVersion version = readVersion(in);
        long expiresMs = in.readLong();
        long changedMs = timed ? in.readLong() : 0;
        String signature = in.readUTF();
        byte[] uuid = in.readNBytes(in.readUnsignedShort());
        byte[] value = in.readNBytes(in.readInt());
        return new StateEntry(key, owner, version, uuid, expiresMs, changedMs, value, signature);
    }

    private static StateVersion readVersion(DataInputStream in) throws IOException {
        return new StateVersion(in.readLong(), in.readLong());
    }
}
