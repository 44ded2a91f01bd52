package io.bactrian.federation.core;

import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;

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
        FrameWriter out = new FrameWriter(256);
        if (item instanceof Put put) {
            writeEntry(out, put.entry());
        } else if (item instanceof Head head) {
            out.u8(2);
            out.utf(head.owner());
            writeVersion(out, head.head());
        } else if (item instanceof Drop drop) {
            out.u8(3);
            out.utf(drop.owner());
        } else if (item instanceof Epoch epoch) {
            out.u8(4);
            out.u64(epoch.epoch());
            out.u64(epoch.first());
        } else {
            out.u8(item instanceof SnapshotBegin ? 5 : 6);
        }
        return out.done();
    }

    private static void writeEntry(FrameWriter out, StateEntry entry) {
        out.u8(7);
        out.utf(entry.key());
        out.utf(entry.owner());
        writeVersion(out, entry.version());
        out.u64(entry.expiresMs());
        out.u64(entry.changedMs());
        out.utf(entry.signature());
        out.u16(entry.uuid().length);
        out.bytes(entry.uuid(), 0, entry.uuid().length);
        out.u32(entry.value().length);
        out.bytes(entry.value(), 0, entry.value().length);
    }

    private static void writeVersion(FrameWriter out, StateVersion version) {
        out.u64(version.epoch());
        out.u64(version.number());
    }

    /** Reads what {@link #write} has written; {@link IllegalArgumentException} if it is something else. */
    static StateRecord read(byte[] octets) {
        FrameReader<IllegalArgumentException> in = new FrameReader<>(
                octets, 0, octets.length, text -> new IllegalArgumentException("a state record is broken: " + text));
        int kind = in.u8();
        return switch (kind) {
            // Written before changes had a time.
            case 1 -> new Put(readEntry(in, false));
            case 2 -> new Head(in.utf(), readVersion(in));
            case 3 -> new Drop(in.utf());
            case 4 -> new Epoch(in.bits64(), in.bits64());
            case 5 -> new SnapshotBegin();
            case 6 -> new SnapshotEnd();
            case 7 -> new Put(readEntry(in, true));
            default -> throw new IllegalArgumentException("a state record has no kind " + kind);
        };
    }

    private static StateEntry readEntry(FrameReader<IllegalArgumentException> in, boolean timed) {
        String key = in.utf();
        String owner = in.utf();
        StateVersion version = readVersion(in);
        long expiresMs = in.bits64();
        long changedMs = timed ? in.bits64() : 0;
        String signature = in.utf();
        byte[] uuid = in.bytes(in.u16());
        byte[] value = in.bytes(in.u32());
        return new StateEntry(key, owner, version, uuid, expiresMs, changedMs, value, signature);
    }

    private static StateVersion readVersion(FrameReader<IllegalArgumentException> in) {
        return new StateVersion(in.bits64(), in.bits64());
    }
}
