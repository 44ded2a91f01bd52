package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The frames of the copy link and of the witness: {@code 'B' 'P'}, version 1, a number for the kind, the fields
 * (big-endian; texts and lists with their length before them), and CRC-32C of all that.
 */
public final class PairCodec {
    private static final int MAGIC = 0x4250;
    private static final int VERSION = 1;
    private static final int TEXT_MAX = 200;
    private static final int OVERHEAD = 8;
    private static final int ENTRY_OVERHEAD = 28;
    /** In the place of the side that is active. */
    private static final int NOBODY = 0xFF;

    /** The frame is none of ours, or is not whole; the text says why. */
    public static final class BadFrameException extends Exception {
        private static final long serialVersionUID = 1;

        BadFrameException(String message) {
            super(message);
        }
    }

    private PairCodec() {}

    public static byte[] encode(PairMessage message) {
        if (message instanceof PairMessage.State m) {
            FrameWriter to =
                    begin(1, 80 + 2 * TEXT_MAX * 4 + 8 * m.log().epochStarts().size());
            text(to, m.pair());
            to.u8(m.side().number()).u8(m.role().number()).u32(m.epoch());
            to.u64(m.session()).u64(m.stamp()).u64(m.committed());
            text(to, m.log().id());
            to.u64(m.log().first()).u64(m.log().end());
            longs(to, m.log().epochStarts());
            return to.sealed();
        } else if (message instanceof PairMessage.Attach m) {
            FrameWriter to = begin(2, 40 + TEXT_MAX * 4 + 8 * m.epochStarts().size());
            to.u64(m.session()).u64(m.stamp()).u32(m.epoch()).u64(m.common()).u8(m.anew() ? 1 : 0);
            text(to, m.id());
            longs(to, m.epochStarts());
            return to.sealed();
        } else if (message instanceof PairMessage.Copies m) {
            FrameWriter to = begin(3, 24 + bytes(m.entries()));
            to.u64(m.session()).u32(m.epoch()).u64(m.committed());
            entries(to, m.entries());
            return to.sealed();
        } else if (message instanceof PairMessage.Confirm m) {
            return begin(4, 40)
                    .u64(m.session())
                    .u64(m.position())
                    .u32(m.creditBytes())
                    .u8(m.resend() ? 1 : 0)
                    .sealed();
        }
        if (message instanceof PairMessage.Fetch m) {
            FrameWriter to = begin(6, 40 + TEXT_MAX * 4).u64(m.number());
            text(to, m.log());
            return to.u64(m.from()).u64(m.to()).sealed();
        } else if (message instanceof PairMessage.Fetched m) {
            FrameWriter to = begin(7, 40 + TEXT_MAX * 4 + bytes(m.entries())).u64(m.number());
            entries(to, m.entries());
            text(to, m.problem());
            return to.sealed();
        }
        PairMessage.HandOver m = (PairMessage.HandOver) message;
        return begin(5, 40).u64(m.session()).u32(m.epoch()).u64(m.end()).sealed();
    }

    public static byte[] encode(Witness.Request m) {
        FrameWriter to = begin(20, 64 + TEXT_MAX * 4).u64(m.number());
        text(to, m.pair());
        return to.u8(m.node().number())
                .u8(m.kind().number())
                .u32(m.epoch())
                .u64(m.version())
                .sealed();
    }

    public static byte[] encode(Witness.Reply m) {
        FrameWriter to = begin(21, 64 + 2 * TEXT_MAX * 4).u64(m.number());
        text(to, m.pair());
        to.u8(m.kind().number()).u8(m.granted() ? 1 : 0);
        Side active = m.record().active();
        to.u32(m.record().epoch()).u8(active == null ? NOBODY : active.number());
        to.u64(m.record().version()).u8(sides(m.record().inStep()));
        text(to, m.reason());
        return to.sealed();
    }

    static byte sides(Set<Side> sides) {
        byte bits = 0;
        for (Side side : sides) {
            bits |= (byte) (1 << side.number());
        }
        return bits;
    }

    /** As many octets as the frame of a list has: a large frame is not copied if the writer begins with its length. */
    private static int bytes(List<Entry> entries) {
        int bytes = 0;
        for (Entry entry : entries) {
            bytes += ENTRY_OVERHEAD + entry.payload().length;
        }
        return bytes;
    }

    private static FrameWriter begin(int kind, int bytes) {
        return new FrameWriter(bytes + OVERHEAD).u16(MAGIC).u8(VERSION).u8(kind);
    }

    /** A text is cut to what a frame holds of it, and half a character becomes a question mark. */
    private static void text(FrameWriter to, String text) {
        byte[] bytes = text.substring(0, Math.min(TEXT_MAX, text.length())).getBytes(StandardCharsets.UTF_8);
        to.u16(bytes.length).bytes(bytes, 0, bytes.length);
    }

    private static void longs(FrameWriter to, List<Long> values) {
        to.u32(values.size());
        values.forEach(to::u64);
    }

    private static void entries(FrameWriter to, List<Entry> entries) {
        to.u32(entries.size());
        for (Entry entry : entries) {
            to.u64(entry.position()).u32(entry.count()).u32(entry.epoch()).u64(entry.timestampMs());
            to.u32(entry.payload().length).bytes(entry.payload(), 0, entry.payload().length);
        }
    }

    /** Reads a message between the nodes. */
    public static PairMessage message(byte[] frame) throws BadFrameException {
        return read(frame, PairCodec::message);
    }

    /** Reads a question to the witness. */
    public static Witness.Request request(byte[] frame) throws BadFrameException {
        return read(
                frame,
                (kind, in) -> kind != 20
                        ? null
                        : new Witness.Request(
                                in.bits64(),
                                in.str16(),
                                of(Side.values(), in.u8()),
                                of(Witness.Kind.values(), in.u8()),
                                in.u32(),
                                in.bits64()));
    }

    /** Reads an answer of the witness. */
    public static Witness.Reply reply(byte[] frame) throws BadFrameException {
        return read(frame, PairCodec::reply);
    }

    private interface Body<T> {
        @Nullable T read(int kind, FrameReader<BadFrameException> in) throws BadFrameException;
    }

    private static <T> T read(byte[] frame, Body<T> body) throws BadFrameException {
        FrameReader<BadFrameException> in = new FrameReader<>(frame, 0, frame.length, BadFrameException::new);
        if (frame.length < OVERHEAD || in.u16() != MAGIC) {
            throw new BadFrameException("it does not begin as a frame of a pair");
        }
        int version = in.u8();
        if (version != VERSION) {
            throw new BadFrameException("version " + version + ", this program knows " + VERSION);
        }
        in.checkSeal();
        int kind = in.u8();
        try {
            T message = body.read(kind, in);
            if (message == null) {
                throw new BadFrameException("unknown kind " + kind);
            }
            in.end();
            return message;
        } catch (IllegalArgumentException e) {
            throw new BadFrameException("a field is wrong");
        }
    }

    private static @Nullable PairMessage message(int kind, FrameReader<BadFrameException> in) throws BadFrameException {
        return switch (kind) {
            case 1 ->
                new PairMessage.State(
                        in.str16(),
                        of(Side.values(), in.u8()),
                        of(Role.values(), in.u8()),
                        in.u32(),
                        in.bits64(),
                        in.bits64(),
                        in.bits64(),
                        new LogHistory(in.str16(), in.bits64(), in.bits64(), longs(in)));
            case 2 ->
                new PairMessage.Attach(
                        in.bits64(), in.bits64(), in.u32(), in.bits64(), in.u8() != 0, in.str16(), longs(in));
            case 3 -> new PairMessage.Copies(in.bits64(), in.u32(), in.bits64(), entries(in));
            case 4 -> new PairMessage.Confirm(in.bits64(), in.bits64(), in.u32(), in.u8() != 0);
            case 5 -> new PairMessage.HandOver(in.bits64(), in.u32(), in.bits64());
            case 6 -> new PairMessage.Fetch(in.bits64(), in.str16(), position(in), position(in));
            case 7 -> new PairMessage.Fetched(in.bits64(), entries(in), in.str16());
            default -> null;
        };
    }

    private static Witness.@Nullable Reply reply(int kind, FrameReader<BadFrameException> in) throws BadFrameException {
        if (kind != 21) {
            return null;
        }
        long number = in.bits64();
        String pair = in.str16();
        Witness.Kind asked = of(Witness.Kind.values(), in.u8());
        boolean granted = in.u8() != 0;
        int epoch = in.u32();
        int active = in.u8();
        long version = in.bits64();
        byte bits = (byte) in.u8();
        WitnessRecord record =
                new WitnessRecord(epoch, active == NOBODY ? null : of(Side.values(), active), version, sides(bits));
        return new Witness.Reply(number, pair, asked, granted, record, in.str16());
    }

    static Set<Side> sides(byte bits) {
        Set<Side> sides = EnumSet.noneOf(Side.class);
        for (Side side : Side.values()) {
            if ((bits & (1 << side.number())) != 0) {
                sides.add(side);
            }
        }
        return sides;
    }

    private static <T> T of(T[] values, int index) throws BadFrameException {
        if (index >= values.length) {
            throw new BadFrameException("a field is wrong");
        }
        return values[index];
    }

    private static long position(FrameReader<BadFrameException> in) throws BadFrameException {
        long value = in.u64();
        if (value < 1) {
            throw new BadFrameException("a position is below 1");
        }
        return value;
    }

    private static int size(FrameReader<BadFrameException> in, int bytesOfOne) throws BadFrameException {
        int size = in.u32();
        if (size > in.remaining() / bytesOfOne) {
            throw new BadFrameException("a list is longer than the frame");
        }
        return size;
    }

    private static List<Long> longs(FrameReader<BadFrameException> in) throws BadFrameException {
        int size = size(in, Long.BYTES);
        List<Long> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(in.bits64());
        }
        return values;
    }

    private static List<Entry> entries(FrameReader<BadFrameException> in) throws BadFrameException {
        int size = size(in, ENTRY_OVERHEAD);
        List<Entry> entries = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            long position = in.bits64();
            int count = in.u32();
            int epoch = in.u32();
            long timestampMs = in.bits64();
            if (position < 1 || count < 1 || epoch < 1) {
                throw new BadFrameException("an entry is wrong");
            }
            entries.add(new Entry(position, count, epoch, timestampMs, in.bytes(in.u32())));
        }
        return entries;
    }
}
