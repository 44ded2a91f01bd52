package io.bactrian.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes the frames of commands. */
public final class Commands {
    /** The first octet of every frame. */
    public static final int MAGIC = 0xB7;
    /** The version of the protocol that is spoken here. */
    public static final int VERSION = 1;

    /** Most commands are no longer. */
    private static final int COMMAND_BYTES = 64;

    private static final int HEADERS = 1;
    private static final int EPHEMERAL = 2;

    private static final int HEADER_BYTES = 3;
    private static final int SESSION_AT = HEADER_BYTES;
    private static final int REQUEST_AT = SESSION_AT + Integer.BYTES;

    private Commands() {}

    /** The numbers by which a peer knows what an ERROR answers; 0 if there is none. */
    public record Asked(int session, int request) {
        /** Neither. */
        public static final Asked NOTHING = new Asked(0, 0);
    }

    /** The session and the request of a frame whose other fields may be malformed. */
    public static Asked asked(byte[] frame) {
        if (!isOurs(frame) || frame[1] != VERSION) {
            return Asked.NOTHING;
        }
        return switch (codeOf(frame)) {
            case Command.Subscribe.CODE, Command.Unsubscribe.CODE, Command.Forget.CODE ->
                new Asked(number(frame, SESSION_AT), number(frame, REQUEST_AT));
            case Command.Acknowledge.CODE, Command.Resend.CODE, Command.Detach.CODE ->
                new Asked(number(frame, SESSION_AT), 0);
            default -> Asked.NOTHING;
        };
    }

    private static int number(byte[] frame, int at) {
        return frame.length < at + Integer.BYTES
                ? 0
                : Math.max(0, ByteBuffer.wrap(frame).getInt(at));
    }

    /** Whether a frame is of this protocol, in whatever version: if not, it gets no answer. */
    public static boolean isOurs(byte[] frame) {
        return frame.length >= HEADER_BYTES && (frame[0] & 0xFF) == MAGIC;
    }

    /** Whether a hub answers a request at once: not a goodbye, nor an acknowledgement that asks for no answer. */
    public static boolean isAnswered(byte[] frame) {
        int code = codeOf(frame);
        return code != Command.Detach.CODE && (code != Command.Acknowledge.CODE || frame[frame.length - 1] != 0);
    }

    /** The command octet of a frame, or -1 if it is not ours. */
    public static int codeOf(byte[] frame) {
        return isOurs(frame) ? frame[2] & 0xFF : -1;
    }

    /** The log epoch that an answer of a hub tells; 0 if it tells none. */
    public static int logEpochOf(byte[] frame) {
        if (!isOurs(frame) || frame[1] != VERSION) {
            return 0;
        }
        return switch (codeOf(frame)) {
            case Command.Welcome.CODE -> number(frame, HEADER_BYTES + 2 * Long.BYTES);
            case Command.Ack.CODE -> number(frame, HEADER_BYTES + Long.BYTES);
            case Command.Attached.CODE -> number(frame, HEADER_BYTES + Long.BYTES + 2 * Integer.BYTES);
            case Command.Deliver.CODE, Command.End.CODE, Command.Lost.CODE ->
                number(frame, HEADER_BYTES + Integer.BYTES);
            default -> 0;
        };
    }

    static void checkHeader(byte[] frame) throws WireException {
        if (!isOurs(frame)) {
            throw new WireException(Code.MALFORMED, "not a frame of this protocol");
        }
        if (frame[1] != VERSION) {
            throw new WireException(
                    Code.UNSUPPORTED_VERSION, "version " + (frame[1] & 0xFF) + " is not spoken, but " + VERSION);
        }
    }

    /**
     * Reads any command but a batch. An ERROR is read in every version, as its layout never changes.
     *
     * @throws WireException {@link Code#MALFORMED}, {@link Code#UNSUPPORTED_VERSION} or {@link
     *     Code#UNKNOWN_COMMAND}; nothing else is ever thrown, whatever the octets are
     */
    public static Command decode(byte[] frame) throws WireException {
        if (codeOf(frame) != Command.Error.CODE) {
            checkHeader(frame);
        }
        FrameReader<WireException> in = new FrameReader<>(frame, HEADER_BYTES, frame.length, WireException::malformed);
        Command command;
        try {
            command = read(frame[2] & 0xFF, in);
        } catch (IllegalArgumentException e) {
            throw new WireException(Code.MALFORMED, String.valueOf(e.getMessage()));
        }
        in.end();
        return command;
    }

    private static Command read(int code, FrameReader<WireException> in) throws WireException {
        return switch (code) {
            case Command.Hello.CODE -> new Command.Hello(in.str8(), in.u64());
            case Command.Welcome.CODE -> new Command.Welcome(in.u64(), in.u64(), in.u32(), in.u32(), in.u32());
            case Command.Open.CODE -> new Command.Open(in.str8(), in.u64(), topics(in));
            case Command.Opened.CODE -> new Command.Opened(in.u64(), topics(in));
            case Command.Ack.CODE -> new Command.Ack(in.u64(), in.u32(), topics(in));
            case Command.Refuse.CODE ->
                new Command.Refuse(in.u64(), in.str8(), in.u64(), in.u64(), Code.of(in.u8()), reason(in));
            case Command.Ping.CODE -> new Command.Ping(in.str8(), in.u64());
            case Command.Attach.CODE -> attach(in);
            case Command.Attached.CODE ->
                new Command.Attached(
                        in.u64(),
                        in.u32(),
                        in.u32(),
                        in.u32(),
                        in.u64(),
                        in.u64(),
                        in.u64(),
                        in.u64(),
                        Cause.of(in.u8()));
            case Command.Subscribe.CODE ->
                new Command.Subscribe(
                        in.u32(),
                        in.u32(),
                        in.u64(),
                        PatternKind.of(in.u8()),
                        StartFrom.of(in.u8()),
                        in.u64(),
                        in.str8());
            case Command.Subscribed.CODE -> new Command.Subscribed(in.u32(), in.u32(), in.u32(), in.u64(), in.u64());
            case Command.Unsubscribe.CODE ->
                new Command.Unsubscribe(in.u32(), in.u32(), PatternKind.of(in.u8()), in.str8());
            case Command.Unsubscribed.CODE -> new Command.Unsubscribed(in.u32(), in.u32());
            case Command.Acknowledge.CODE -> new Command.Acknowledge(in.u32(), in.u64(), flag(in));
            case Command.Deliver.CODE ->
                new Command.Deliver(in.u32(), in.u32(), in.u64(), in.u64(), in.remaining() == 0 ? 0 : time(in));
            case Command.End.CODE -> new Command.End(in.u32(), in.u32(), in.u64(), in.u64());
            case Command.Resend.CODE -> new Command.Resend(in.u32(), in.u64());
            case Command.Detach.CODE -> new Command.Detach(in.u32());
            case Command.Forget.CODE -> new Command.Forget(in.u32(), in.u32());
            case Command.Lost.CODE -> new Command.Lost(in.u32(), in.u32(), in.u64(), in.u64(), Cause.of(in.u8()));
            case Command.Error.CODE -> new Command.Error(in.u32(), in.u32(), Code.of(in.u8()), reason(in));
            default -> throw new WireException(Code.UNKNOWN_COMMAND, "no command " + code);
        };
    }

    private static List<TopicSequence> topics(FrameReader<WireException> in) throws WireException {
        int count = in.u16();
        List<TopicSequence> topics = new ArrayList<>(Math.min(count, 256));
        for (int i = 0; i < count; i++) {
            topics.add(new TopicSequence(in.str8(), in.u64()));
        }
        return topics;
    }

    private static Command attach(FrameReader<WireException> in) throws WireException {
        String subscriber = in.str8();
        long instance = in.u64();
        int generation = in.u32();
        int logEpoch = in.u32();
        long cursor = in.u64();
        int window = in.u32();
        int flags = in.remaining() == 0 ? 0 : flags(in, HEADERS | EPHEMERAL);
        return new Command.Attach(
                subscriber,
                instance,
                generation,
                logEpoch,
                cursor,
                window,
                (flags & HEADERS) != 0,
                (flags & EPHEMERAL) != 0);
    }

    private static boolean flag(FrameReader<WireException> in) throws WireException {
        return flags(in, 1) == 1;
    }

    private static int flags(FrameReader<WireException> in, int known) throws WireException {
        int flags = in.u8();
        if ((flags & ~known) != 0) {
            throw new WireException(Code.MALFORMED, "unknown flags");
        }
        return flags;
    }

    private static long time(FrameReader<WireException> in) throws WireException {
        long timeMs = in.u64();
        if (timeMs == 0) {
            throw new WireException(Code.MALFORMED, "a time of 0");
        }
        return timeMs;
    }

    private static String reason(FrameReader<WireException> in) throws WireException {
        String text = in.str16();
        if (Text.encode(text).length > Text.REASON_BYTES_MAX) {
            throw new WireException(Code.MALFORMED, "text is above " + Text.REASON_BYTES_MAX + " octets");
        }
        return text;
    }

    static byte[] encode(Command command) {
        FrameWriter out = new FrameWriter(COMMAND_BYTES).u8(MAGIC).u8(VERSION).u8(command.code());
        if (command instanceof Command.OfPublisher c) {
            write(c, out);
        } else if (command instanceof Command.OfSubscriber c) {
            write(c, out);
        }
        return out.done();
    }

    private static void write(Command.OfPublisher command, FrameWriter out) {
        if (command instanceof Command.Hello c) {
            out.str8(c.publisher()).u64(c.instance());
        } else if (command instanceof Command.Welcome c) {
            out.u64(c.instance())
                    .u64(c.epoch())
                    .u32(c.logEpoch())
                    .u32(c.maxMessage())
                    .u32(c.maxBatch());
        } else if (command instanceof Command.Open c) {
            topics(out.str8(c.publisher()).u64(c.epoch()), c.accepted());
        } else if (command instanceof Command.Opened c) {
            topics(out.u64(c.epoch()), c.last());
        } else if (command instanceof Command.Ack c) {
            topics(out.u64(c.epoch()).u32(c.logEpoch()), c.last());
        } else if (command instanceof Command.Refuse c) {
            out.u64(c.epoch()).str8(c.topic()).u64(c.sequence()).u64(c.expected());
            out.u8(c.reason().number()).str16(c.text());
        } else if (command instanceof Command.Ping c) {
            out.str8(c.publisher()).u64(c.epoch());
        } else if (command instanceof Command.Error c) {
            out.u32(c.session()).u32(c.request()).u8(c.reason().number()).str16(c.text());
        }
    }

    private static void write(Command.OfSubscriber command, FrameWriter out) {
        if (command instanceof Command.Attach c) {
            out.str8(c.subscriber()).u64(c.instance()).u32(c.generation()).u32(c.logEpoch());
            out.u64(c.cursor()).u32(c.window());
            int flags = (c.headers() ? HEADERS : 0) | (c.ephemeral() ? EPHEMERAL : 0);
            if (flags != 0) {
                out.u8(flags);
            }
        } else if (command instanceof Command.Attached c) {
            out.u64(c.instance()).u32(c.session()).u32(c.generation()).u32(c.logEpoch());
            out.u64(c.cursor()).u64(c.end()).u64(c.lostFrom()).u64(c.lostTo());
            out.u8(c.cause().number());
        } else if (command instanceof Command.Subscribe c) {
            out.u32(c.session()).u32(c.request()).u64(c.cursor());
            out.u8(c.kind().number()).u8(c.from().number()).u64(c.position()).str8(c.pattern());
        } else if (command instanceof Command.Subscribed c) {
            out.u32(c.session()).u32(c.request()).u32(c.generation());
            out.u64(c.start()).u64(c.cursor());
        } else if (command instanceof Command.Unsubscribe c) {
            out.u32(c.session()).u32(c.request()).u8(c.kind().number()).str8(c.pattern());
        } else if (command instanceof Command.Unsubscribed c) {
            out.u32(c.session()).u32(c.request());
        } else if (command instanceof Command.Acknowledge c) {
            out.u32(c.session()).u64(c.cursor()).u8(c.answer() ? 1 : 0);
        } else if (command instanceof Command.Deliver c) {
            out.u32(c.session()).u32(c.logEpoch()).u64(c.previous()).u64(c.position());
            if (c.timeMs() > 0) {
                out.u64(c.timeMs());
            }
        } else if (command instanceof Command.End c) {
            out.u32(c.session()).u32(c.logEpoch()).u64(c.previous()).u64(c.end());
        } else if (command instanceof Command.Resend c) {
            out.u32(c.session()).u64(c.cursor());
        } else if (command instanceof Command.Detach c) {
            out.u32(c.session());
        } else if (command instanceof Command.Forget c) {
            out.u32(c.session()).u32(c.request());
        } else if (command instanceof Command.Lost c) {
            out.u32(c.session()).u32(c.logEpoch()).u64(c.lostFrom()).u64(c.lostTo());
            out.u8(c.cause().number());
        }
    }

    private static void topics(FrameWriter out, List<TopicSequence> topics) {
        out.u16(topics.size());
        for (TopicSequence topic : topics) {
            out.str8(topic.topic()).u64(topic.sequence());
        }
    }
}
