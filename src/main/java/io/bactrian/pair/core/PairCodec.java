package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The frames of the copy link and of the witness: {@code 'B' 'P'}, version 1, a number for the kind, the fields
 * (big-endian; texts and lists with their length before them), and CRC-32C of all that.
 */
public final class PairCodec {
    private static final short MAGIC = 0x4250;
    private static final byte VERSION = 1;
    private static final int TEXT_MAX = 200;
    private static final int OVERHEAD = 8;
    private static final int ENTRY_OVERHEAD = 28;

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
            ByteBuffer to =
                    begin(1, 80 + 2 * TEXT_MAX * 4 + 8 * m.log().epochStarts().size());
            text(to, m.pair());
            to.put(m.side().number()).put(m.role().number()).putInt(m.epoch());
            to.putLong(m.session()).putLong(m.stamp()).putLong(m.committed());
            text(to, m.log().id());
            to.putLong(m.log().first()).putLong(m.log().end());
            longs(to, m.log().epochStarts());
            return end(to);
        } else if (message instanceof PairMessage.Attach m) {
            ByteBuffer to = begin(2, 40 + TEXT_MAX * 4 + 8 * m.epochStarts().size());
            to.putLong(m.session())
                    .putLong(m.stamp())
                    .putInt(m.epoch())
                    .putLong(m.common())
                    .put((byte) (m.anew() ? 1 : 0));
            text(to, m.id());
            longs(to, m.epochStarts());
            return end(to);
        } else if (message instanceof PairMessage.Copies m) {
            ByteBuffer to = begin(3, 24 + bytes(m.entries()));
            to.putLong(m.session()).putInt(m.epoch()).putLong(m.committed());
            entries(to, m.entries());
            return end(to);
        } else if (message instanceof PairMessage.Confirm m) {
            ByteBuffer to = begin(4, 40);
            to.putLong(m.session())
                    .putLong(m.position())
                    .putInt(m.creditBytes())
                    .put((byte) (m.resend() ? 1 : 0));
            return end(to);
        }
        if (message instanceof PairMessage.Fetch m) {
            ByteBuffer to = begin(6, 40 + TEXT_MAX * 4).putLong(m.number());
            text(to, m.log());
            return end(to.putLong(m.from()).putLong(m.to()));
        } else if (message instanceof PairMessage.Fetched m) {
            ByteBuffer to = begin(7, 40 + TEXT_MAX * 4 + bytes(m.entries())).putLong(m.number());
            entries(to, m.entries());
            text(to, m.problem());
            return end(to);
        }
        PairMessage.HandOver m = (PairMessage.HandOver) message;
        return end(begin(5, 40).putLong(m.session()).putInt(m.epoch()).putLong(m.end()));
    }

    public static byte[] encode(Witness.Request m) {
        ByteBuffer to = begin(20, 64 + TEXT_MAX * 4).putLong(m.number());
        text(to, m.pair());
        return end(to.put(m.node().number())
                .put(m.kind().number())
                .putInt(m.epoch())
                .putLong(m.version()));
    }

    public static byte[] encode(Witness.Reply m) {
        ByteBuffer to = begin(21, 64 + 2 * TEXT_MAX * 4).putLong(m.number());
        text(to, m.pair());
        to.put(m.kind().number()).put((byte) (m.granted() ? 1 : 0));
        Side active = m.record().active();
        to.putInt(m.record().epoch()).put(active == null ? -1 : active.number());
        to.putLong(m.record().version()).put(sides(m.record().inStep()));
        text(to, m.reason());
        return end(to);
    }

    static byte sides(Set<Side> sides) {
        byte bits = 0;
        for (Side side : sides) {
            bits |= (byte) (1 << side.number());
        }
        return bits;
    }

    private static int bytes(List<Entry> entries) {
        int bytes = 0;
        for (Entry entry : entries) {
            bytes += ENTRY_OVERHEAD + entry.payload().length;
        }
        return bytes;
    }

    private static void entries(ByteBuffer to, List<Entry> entries) {
        to.putInt(entries.size());
        entries.forEach(entry -> entry(to, entry));
    }

    private static ByteBuffer begin(int kind, int bytes) {
        return ByteBuffer.allocate(bytes + OVERHEAD)
                .putShort(MAGIC)
                .put(VERSION)
                .put((byte) kind);
    }

    /** Not copied if it is as long as it was said to become: copies of a log are large. */
    @SuppressWarnings("ByteBufferBackingArray") // it is allocated in begin
    private static byte[] end(ByteBuffer buffer) {
        byte[] whole = buffer.array();
        int length = buffer.position() + 4;
        byte[] frame = length == whole.length ? whole : Arrays.copyOf(whole, length);
        ByteBuffer.wrap(frame).putInt(frame.length - 4, crc(frame, frame.length - 4));
        return frame;
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static void text(ByteBuffer to, String text) {
        byte[] bytes = text.substring(0, Math.min(TEXT_MAX, text.length())).getBytes(StandardCharsets.UTF_8);
        to.putShort((short) bytes.length).put(bytes);
    }

    private static void longs(ByteBuffer to, List<Long> values) {
        to.putInt(values.size());
        values.forEach(to::putLong);
    }

    private static void entry(ByteBuffer to, Entry entry) {
        to.putLong(entry.position()).putInt(entry.count()).putInt(entry.epoch()).putLong(entry.timestampMs());
        to.putInt(entry.payload().length).put(entry.payload());
    }

    /** Reads a message between the nodes. */
    public static PairMessage message(byte[] frame) throws BadFrameException {
        return read(frame, PairCodec::message);
    }

    /** Reads a question to the witness. */
    public static Witness.Request request(byte[] frame) throws BadFrameException {
        return read(
                frame,
                (kind, from) -> kind != 20
                        ? null
                        : new Witness.Request(
                                from.getLong(),
                                text(from),
                                of(Side.values(), from.get()),
                                of(Witness.Kind.values(), from.get()),
                                natural(from.getInt()),
                                from.getLong()));
    }

    /** Reads an answer of the witness. */
    public static Witness.Reply reply(byte[] frame) throws BadFrameException {
        return read(frame, PairCodec::reply);
    }

    private interface Body<T> {
        @Nullable T read(int kind, ByteBuffer from) throws BadFrameException;
    }

    private static <T> T read(byte[] frame, Body<T> body) throws BadFrameException {
        ByteBuffer from = ByteBuffer.wrap(frame);
        if (frame.length < OVERHEAD || from.getShort() != MAGIC) {
            throw new BadFrameException("it does not begin as a frame of a pair");
        }
        byte version = from.get();
        if (version != VERSION) {
            throw new BadFrameException("version " + version + ", this program knows " + VERSION);
        }
        if (from.getInt(frame.length - 4) != crc(frame, frame.length - 4)) {
            throw new BadFrameException("wrong checksum");
        }
        int kind = from.get();
        from.limit(frame.length - 4);
        try {
            T message = body.read(kind, from);
            if (message == null) {
                throw new BadFrameException("unknown kind " + kind);
            }
            if (from.hasRemaining()) {
                throw new BadFrameException(from.remaining() + " octets after the last field");
            }
            return message;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new BadFrameException("a field is wrong or missing");
        }
    }

    private static @Nullable PairMessage message(int kind, ByteBuffer from) throws BadFrameException {
        return switch (kind) {
            case 1 ->
                new PairMessage.State(
                        text(from),
                        of(Side.values(), from.get()),
                        of(Role.values(), from.get()),
                        natural(from.getInt()),
                        from.getLong(),
                        from.getLong(),
                        from.getLong(),
                        new LogHistory(text(from), from.getLong(), from.getLong(), longs(from)));
            case 2 ->
                new PairMessage.Attach(
                        from.getLong(),
                        from.getLong(),
                        natural(from.getInt()),
                        from.getLong(),
                        from.get() != 0,
                        text(from),
                        longs(from));
            case 3 -> new PairMessage.Copies(from.getLong(), natural(from.getInt()), from.getLong(), entries(from));
            case 4 -> new PairMessage.Confirm(from.getLong(), from.getLong(), natural(from.getInt()), from.get() != 0);
            case 5 -> new PairMessage.HandOver(from.getLong(), natural(from.getInt()), from.getLong());
            case 6 ->
                new PairMessage.Fetch(from.getLong(), text(from), position(from.getLong()), position(from.getLong()));
            case 7 -> new PairMessage.Fetched(from.getLong(), entries(from), text(from));
            default -> null;
        };
    }

    private static Witness.@Nullable Reply reply(int kind, ByteBuffer from) throws BadFrameException {
        if (kind != 21) {
            return null;
        }
        long number = from.getLong();
        String pair = text(from);
        Witness.Kind asked = of(Witness.Kind.values(), from.get());
        boolean granted = from.get() != 0;
        int epoch = natural(from.getInt());
        byte active = from.get();
        long version = from.getLong();
        byte bits = from.get();
        WitnessRecord record =
                new WitnessRecord(epoch, active < 0 ? null : of(Side.values(), active), version, sides(bits));
        return new Witness.Reply(number, pair, asked, granted, record, text(from));
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

    private static <T> T of(T[] values, byte index) throws BadFrameException {
        if (index < 0 || index >= values.length) {
            throw new BadFrameException("a field is wrong");
        }
        return values[index];
    }

    private static long position(long value) throws BadFrameException {
        if (value < 1) {
            throw new BadFrameException("a position is below 1");
        }
        return value;
    }

    private static int natural(int value) throws BadFrameException {
        if (value < 0) {
            throw new BadFrameException("a field is negative");
        }
        return value;
    }

    private static String text(ByteBuffer from) throws BadFrameException {
        int length = from.getShort();
        if (length < 0 || length > from.remaining()) {
            throw new BadFrameException("a text is longer than the frame");
        }
        byte[] bytes = new byte[length];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static List<Long> longs(ByteBuffer from) throws BadFrameException {
        int size = from.getInt();
        if (size < 0 || size > from.remaining() / 8) {
            throw new BadFrameException("a list is longer than the frame");
        }
        List<Long> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(from.getLong());
        }
        return values;
    }

    private static List<Entry> entries(ByteBuffer from) throws BadFrameException {
        int size = from.getInt();
        if (size < 0 || size > from.remaining() / 28) {
            throw new BadFrameException("a list is longer than the frame");
        }
        List<Entry> entries = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            entries.add(entry(from));
        }
        return entries;
    }

    private static Entry entry(ByteBuffer from) throws BadFrameException {
        long position = from.getLong();
        int count = from.getInt();
        int epoch = from.getInt();
        long timestampMs = from.getLong();
        int length = from.getInt();
        if (position < 1 || count < 1 || epoch < 1 || length < 0 || length > from.remaining()) {
            throw new BadFrameException("an entry is wrong");
        }
        byte[] payload = new byte[length];
        from.get(payload);
        return new Entry(position, count, epoch, timestampMs, payload);
    }
}
