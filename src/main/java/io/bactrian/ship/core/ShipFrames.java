package io.bactrian.ship.core;

import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Frames as octets; {@code docs/reference/shipping.md} has the grammar. What comes in is bounded before it is made. */
final class ShipFrames {
    static final int MAGIC = 0xB5;
    static final int VERSION = 1;

    /** The largest content of a frame before compression. */
    static final int RAW_BYTES_MAX = 1 << 20;

    /** The largest frame: a content that could not be compressed, and its header. */
    static final int FRAME_BYTES_MAX = RAW_BYTES_MAX + 1024;

    private static final List<Class<? extends Frame>> KINDS = List.of(
            Frame.Open.class,
            Frame.ListPart.class,
            Frame.Prove.class,
            Frame.Sign.class,
            Frame.Patch.class,
            Frame.Drop.class,
            Frame.Close.class,
            Frame.Opened.class,
            Frame.Listed.class,
            Frame.Proven.class,
            Frame.Signed.class,
            Frame.Patched.class,
            Frame.Done.class,
            Frame.Failed.class,
            Frame.Closed.class,
            Frame.Refused.class);
    private static final int REQUESTS = 7;
    private static final int HEADER_BYTES_MAX = 256;

    private static final int TEXT_BYTES_MAX = 1024;
    private static final int FOLDER_BYTES_MAX = 1024;
    private static final int COUNT_MAX = 1 << 20;

    /**
     * A frame with its envelope.
     *
     * @param session number that the sender has chosen
     * @param request number of the request; the answer bears the same
     */
    record Envelope(long session, int request, Frame frame) {}

    private ShipFrames() {}

    /** Makes a frame. The packing is used where it makes the content smaller. */
    static byte[] encode(long session, int request, Frame frame, Packing packing) {
        // It grows to just what a large content takes, which is then not copied again.
        FrameWriter out = head(session, request, frame.getClass());
        write(frame, out, packing);
        return out.done();
    }

    /**
     * Makes a {@link Frame.Patch} of one literal, not compressed and not the last of its file. The octets of the literal are
     * any yet: it ends the frame, and is put there by the caller.
     *
     * @param spare to make it in if it has the right length
     */
    static byte[] literal(
            long session, int request, int index, int attempt, int onto, long at, int octets, byte @Nullable [] spare) {
        FrameWriter op = new FrameWriter(Long.BYTES).num((long) octets << 2 | Ops.LITERAL);
        FrameWriter out = head(session, request, Frame.Patch.class);
        patchHead(out, index, attempt, onto, at, false);
        out.u8(Packing.RAW.number()).num(op.size() + octets).bytes(op.array(), 0, op.size());
        if (spare == null || spare.length != out.size() + octets) {
            return Arrays.copyOf(out.array(), out.size() + octets);
        }
        System.arraycopy(out.array(), 0, spare, 0, out.size());
        return spare;
    }

    private static FrameWriter head(long session, int request, Class<? extends Frame> type) {
        int kind = KINDS.indexOf(type);
        return new FrameWriter(HEADER_BYTES_MAX)
                .u8(MAGIC)
                .u8(VERSION)
                .u8(kind < REQUESTS ? 1 + kind : 65 + kind - REQUESTS)
                .u64(session)
                .num(request);
    }

    private static void patchHead(FrameWriter out, int index, int attempt, int onto, long at, boolean finish) {
        out.num(index).u8(attempt).u8(onto).num(at).u8(finish ? 1 : 0);
    }

    private static void write(Frame frame, FrameWriter out, Packing packing) {
        if (frame instanceof Frame.Open open) {
            out.octets(open.folder()).u8(open.hash().number()).u64(open.seed()).u8(open.packings());
        } else if (frame instanceof Frame.ListPart list) {
            out.num(list.first()).u8(list.last() ? 1 : 0);
            FrameWriter raw = new FrameWriter(1 << 16);
            String former = "";
            long formerSeconds = 0;
            for (FolderEntry entry : list.entries()) {
                entry.write(raw, former, formerSeconds);
                former = entry.name();
                formerSeconds = entry.modified().seconds();
            }
            content(raw.array(), raw.size(), out, packing);
        } else if (frame instanceof Frame.Prove prove) {
            out.num(prove.index()).u8(prove.which()).num(prove.upTo());
        } else if (frame instanceof Frame.Sign sign) {
            out.num(sign.index()).num(sign.blockBytes()).u8(sign.strongBytes());
            out.num(sign.first()).num(sign.count());
        } else if (frame instanceof Frame.Patch patch) {
            patchHead(out, patch.index(), patch.attempt(), patch.onto(), patch.at(), patch.finish());
            if (patch.finish()) {
                Frame.Finish end = patch.end();
                out.num(end.size());
                end.modified().write(out);
                out.num(end.digest().length).bytes(end.digest(), 0, end.digest().length);
            }
            content(patch.raw(), patch.length(), out, packing);
        } else if (frame instanceof Frame.Drop drop) {
            out.num(drop.index());
        } else if (frame instanceof Frame.Close close) {
            out.num(close.entries()).u8(close.delete() ? 1 : 0);
        } else {
            writeAnswer(frame, out);
        }
    }

    private static void content(byte[] raw, int length, FrameWriter out, Packing packing) {
        int mark = out.size();
        out.u8(packing.number()).num(length);
        if (packing == Packing.RAW || !packing.pack(raw, length, out)) {
            out.cut(mark);
            out.u8(Packing.RAW.number()).num(length).bytes(raw, 0, length);
        }
    }

    private static void writeAnswer(Frame frame, FrameWriter out) {
        if (frame instanceof Frame.Opened opened) {
            out.num(opened.windowBytes()).num(opened.frameBytesMax()).u8(opened.packings());
        } else if (frame instanceof Frame.Listed listed) {
            out.num(listed.wanted().size());
            int former = 0;
            for (Frame.Wanted wanted : listed.wanted()) {
                out.num(wanted.index() - former).num(wanted.baseBytes() + 1);
                if (wanted.baseBytes() >= 0) {
                    wanted.baseModified().write(out);
                }
                out.num(wanted.partialBytes()).num(wanted.provenBytes());
                former = wanted.index();
            }
            out.num(listed.refused().size());
            for (Frame.Refusal refusal : listed.refused()) {
                out.num(refusal.index()).u8(refusal.cause().number());
            }
        } else if (frame instanceof Frame.Proven proven) {
            out.num(proven.index()).u8(proven.which()).num(proven.upTo());
            out.bytes(proven.digest(), 0, proven.digest().length);
        } else if (frame instanceof Frame.Signed signed) {
            out.num(signed.index()).num(signed.first());
            out.bytes(signed.checks(), 0, signed.checks().length);
        } else if (frame instanceof Frame.Patched patched) {
            out.num(patched.index()).num(patched.have());
        } else if (frame instanceof Frame.Done done) {
            out.num(done.index());
        } else if (frame instanceof Frame.Failed failed) {
            out.num(failed.index()).u8(failed.cause().number());
            text(failed.text(), out);
        } else if (frame instanceof Frame.Closed closed) {
            out.num(closed.deleted());
        } else if (frame instanceof Frame.Refused refused) {
            out.u8(refused.cause().number());
            text(refused.text(), out);
        }
    }

    private static void text(String text, FrameWriter out) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(octets.length, TEXT_BYTES_MAX);
        out.num(length).bytes(octets, 0, length);
    }

    private static String text(FrameReader<ShipException> in) throws ShipException {
        byte[] octets = in.bytes(in.num(TEXT_BYTES_MAX));
        return new String(octets, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
    }

    /**
     * Reads a frame.
     *
     * @throws ShipException {@link ShipErrorCode#MALFORMED}, {@link ShipErrorCode#UNSUPPORTED_VERSION} or {@link ShipErrorCode#BAD_NAME}
     */
    static Envelope decode(byte[] octets) throws ShipException {
        if (octets.length > FRAME_BYTES_MAX) {
            throw new ShipException(ShipErrorCode.MALFORMED, "the frame has more than " + FRAME_BYTES_MAX + " octets");
        }
        FrameReader<ShipException> in = new FrameReader<>(octets, 0, octets.length, ShipException::malformed);
        if (in.u8() != MAGIC) {
            throw new ShipException(ShipErrorCode.MALFORMED, "the frame is none of this protocol");
        }
        int version = in.u8();
        if (version != VERSION) {
            throw new ShipException(
                    ShipErrorCode.UNSUPPORTED_VERSION,
                    "version " + version + " was asked for, this is version " + VERSION);
        }
        int kind = in.u8();
        long session = in.bits64();
        int request = in.num(Integer.MAX_VALUE);
        Frame frame = kind < 64 ? request(kind, in, octets) : answer(kind, in);
        in.end();
        return new Envelope(session, request, frame);
    }

    /** The session and the number of a request that is otherwise wrong, to answer it; null if it has none. */
    static Envelope head(byte[] octets, Frame answer) throws ShipException {
        FrameReader<ShipException> in = new FrameReader<>(octets, 0, octets.length, ShipException::malformed);
        in.skip(3);
        return new Envelope(in.bits64(), in.num(Integer.MAX_VALUE), answer);
    }

    private static Frame request(int kind, FrameReader<ShipException> in, byte[] octets) throws ShipException {
        return switch (kind) {
            case 1 -> new Frame.Open(in.octets(FOLDER_BYTES_MAX), FileHash.Kind.of(in.u8()), in.bits64(), in.u8());
            case 2 -> {
                int first = in.num(Integer.MAX_VALUE - 1);
                boolean last = flag(in);
                byte[] raw = content(in, octets);
                yield new Frame.ListPart(
                        first, last, entries(new FrameReader<>(raw, 0, raw.length, ShipException::malformed)));
            }
            case 3 -> new Frame.Prove(in.num(Integer.MAX_VALUE), which(in, Frame.PARTIAL), in.num());
            case 4 ->
                new Frame.Sign(
                        in.num(Integer.MAX_VALUE),
                        in.num(Blocks.BYTES_MAX),
                        in.u8(),
                        in.num(Integer.MAX_VALUE),
                        in.num(COUNT_MAX));
            case 5 -> {
                int index = in.num(Integer.MAX_VALUE);
                int attempt = in.u8();
                int onto = which(in, Frame.NEW);
                long at = in.num();
                boolean finish = flag(in);
                Frame.Finish end = finish
                        ? new Frame.Finish(in.num(), FileTimeStamp.read(in), in.bytes(in.num(64)))
                        : Frame.Finish.NONE;
                Packing packing = Packing.of(in.u8());
                int size = in.num(RAW_BYTES_MAX);
                int length = in.remaining();
                int from = in.skip(length);
                if (packing == Packing.RAW && length == size) {
                    // Where it is, which spares a copy.
                    yield new Frame.Patch(index, attempt, onto, at, finish, end, octets, from, length);
                }
                byte[] raw = packing.unpack(octets, from, length, size);
                yield new Frame.Patch(index, attempt, onto, at, finish, end, raw, 0, size);
            }
            case 6 -> new Frame.Drop(in.num(Integer.MAX_VALUE));
            case 7 -> new Frame.Close(in.num(Integer.MAX_VALUE), flag(in));
            default -> throw new ShipException(ShipErrorCode.MALFORMED, "no request " + kind);
        };
    }

    private static Frame answer(int kind, FrameReader<ShipException> in) throws ShipException {
        return switch (kind) {
            case 65 -> new Frame.Opened(in.num(), in.num(Integer.MAX_VALUE), in.u8());
            case 66 -> listed(in);
            case 67 ->
                new Frame.Proven(
                        in.num(Integer.MAX_VALUE), which(in, Frame.PARTIAL), in.num(), in.bytes(in.remaining()));
            case 68 -> new Frame.Signed(in.num(Integer.MAX_VALUE), in.num(Integer.MAX_VALUE), in.bytes(in.remaining()));
            case 69 -> new Frame.Patched(in.num(Integer.MAX_VALUE), in.num());
            case 70 -> new Frame.Done(in.num(Integer.MAX_VALUE));
            case 71 -> new Frame.Failed(in.num(Integer.MAX_VALUE), ShipErrorCode.of(in.u8()), text(in));
            case 72 -> new Frame.Closed(in.num());
            case 73 -> new Frame.Refused(ShipErrorCode.of(in.u8()), text(in));
            default -> throw new ShipException(ShipErrorCode.MALFORMED, "no answer " + kind);
        };
    }

    private static Frame.Listed listed(FrameReader<ShipException> in) throws ShipException {
        int count = in.num(COUNT_MAX);
        List<Frame.Wanted> wanted = new ArrayList<>();
        int index = 0;
        for (int i = 0; i < count; i++) {
            index += in.num(COUNT_MAX);
            long base = in.num() - 1;
            FileTimeStamp modified = base < 0 ? new FileTimeStamp(0, 0) : FileTimeStamp.read(in);
            wanted.add(new Frame.Wanted(index, base, modified, in.num(), in.num()));
        }
        int refusals = in.num(COUNT_MAX);
        List<Frame.Refusal> refused = new ArrayList<>();
        for (int i = 0; i < refusals; i++) {
            refused.add(new Frame.Refusal(in.num(Integer.MAX_VALUE), ShipErrorCode.of(in.u8())));
        }
        return new Frame.Listed(List.copyOf(wanted), List.copyOf(refused));
    }

    private static boolean flag(FrameReader<ShipException> in) throws ShipException {
        int flag = in.u8();
        if (flag > 1) {
            throw new ShipException(ShipErrorCode.MALFORMED, "a flag is neither 0 nor 1");
        }
        return flag == 1;
    }

    private static int which(FrameReader<ShipException> in, int from) throws ShipException {
        int which = in.u8();
        if (which < from || which > Frame.BASE) {
            throw new ShipException(ShipErrorCode.MALFORMED, "no such kind of file");
        }
        return which;
    }

    private static byte[] content(FrameReader<ShipException> in, byte[] octets) throws ShipException {
        Packing packing = Packing.of(in.u8());
        int raw = in.num(RAW_BYTES_MAX);
        int length = in.remaining();
        return packing.unpack(octets, in.skip(length), length, raw);
    }

    private static List<FolderEntry> entries(FrameReader<ShipException> in) throws ShipException {
        List<FolderEntry> entries = new ArrayList<>();
        String former = "";
        long formerSeconds = 0;
        while (in.remaining() > 0) {
            FolderEntry entry = FolderEntry.read(in, former, formerSeconds);
            entries.add(entry);
            former = entry.name();
            formerSeconds = entry.modified().seconds();
        }
        return List.copyOf(entries);
    }
}
