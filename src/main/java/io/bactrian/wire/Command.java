package io.bactrian.wire;

import java.util.List;

/**
 * A frame of the protocol that is not a batch. The fields, their ranges and what each command means are in {@code
 * docs/reference/protocol.md}.
 *
 * <p>Every record checks its fields: an IllegalArgumentException says which one is out of range. Integers are never
 * negative. Lists are copied in and cannot be changed.
 */
public sealed interface Command {
    /** The command octet. */
    int code();

    /** The whole frame, as it is sent. */
    default byte[] encode() {
        return Commands.encode(this);
    }

    /** A command of publisher and hub. */
    sealed interface OfPublisher extends Command {}

    /** A command of subscriber and hub. */
    sealed interface OfSubscriber extends Command {}

    /** A command with which a subscriber speaks of its session. */
    sealed interface OfSession extends OfSubscriber {
        int session();

        /** The number of a request, which rises from one to the next; 0 if it is none. */
        default int request() {
            return 0;
        }
    }

    /** A publisher asks for an epoch. */
    record Hello(String publisher, long instance) implements OfPublisher {
        public static final int CODE = 0x01;

        public Hello {
            Text.check(publisher, 1, "publisher");
            notNegative(instance, "instance");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** The hub grants an epoch and tells its bounds, in octets. */
    record Welcome(long instance, long epoch, int logEpoch, int maxMessage, int maxBatch) implements OfPublisher {
        public static final int CODE = 0x02;

        public Welcome {
            notNegative(instance, "instance");
            atLeastOne(epoch, "epoch");
            notNegative(logEpoch, "logEpoch");
            atLeastOne(maxMessage, "maxMessage");
            if (maxBatch < 1024) {
                throw new IllegalArgumentException("maxBatch is below 1024");
            }
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** A publisher puts its epoch in force and tells what it knows as accepted. */
    record Open(String publisher, long epoch, List<TopicSequence> accepted) implements OfPublisher {
        public static final int CODE = 0x03;

        public Open {
            Text.check(publisher, 1, "publisher");
            atLeastOne(epoch, "epoch");
            accepted = bounded(accepted);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** The hub tells the last sequences that it has logged. */
    record Opened(long epoch, List<TopicSequence> last) implements OfPublisher {
        public static final int CODE = 0x04;

        public Opened {
            atLeastOne(epoch, "epoch");
            last = bounded(last);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** Everything up to these sequences is logged and synced. */
    record Ack(long epoch, int logEpoch, List<TopicSequence> last) implements OfPublisher {
        public static final int CODE = 0x11;

        public Ack {
            notNegative(epoch, "epoch");
            notNegative(logEpoch, "logEpoch");
            last = bounded(last);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /**
     * One batch was not logged. Topic empty and sequence 0 if it answers no batch; expected 0 if the hub cannot
     * say. The text is cut to 1,024 octets.
     */
    record Refuse(long epoch, String topic, long sequence, long expected, Code reason, String text)
            implements OfPublisher {
        public static final int CODE = 0x12;

        public Refuse {
            notNegative(epoch, "epoch");
            Text.check(topic, 0, "topic");
            notNegative(sequence, "sequence");
            notNegative(expected, "expected");
            text = Text.reason(text);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** A publisher asks whether the hub still knows it. */
    record Ping(String publisher, long epoch) implements OfPublisher {
        public static final int CODE = 0x13;

        public Ping {
            Text.check(publisher, 1, "publisher");
            atLeastOne(epoch, "epoch");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /**
     * A subscriber names itself, says where it stands, how many octets it takes unacknowledged, whether it wants the
     * headers of messages, and whether the hub is to forget it when its session ends.
     */
    record Attach(
            String subscriber,
            long instance,
            int generation,
            int logEpoch,
            long cursor,
            int window,
            boolean headers,
            boolean ephemeral)
            implements OfSubscriber {
        public static final int CODE = 0x20;

        /** A durable subscriber that wants the bodies alone. */
        public Attach(String subscriber, long instance, int generation, int logEpoch, long cursor, int window) {
            this(subscriber, instance, generation, logEpoch, cursor, window, false, false);
        }

        public Attach {
            Text.check(subscriber, 1, "subscriber");
            notNegative(instance, "instance");
            notNegative(generation, "generation");
            notNegative(logEpoch, "logEpoch");
            notNegative(cursor, "cursor");
            atLeastOne(window, "window");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** The hub opens a session and tells the cursor in force, the end of the log, and what is gone. */
    record Attached(
            long instance,
            int session,
            int generation,
            int logEpoch,
            long cursor,
            long end,
            long lostFrom,
            long lostTo,
            Cause cause)
            implements OfSubscriber {
        public static final int CODE = 0x21;

        public Attached {
            notNegative(instance, "instance");
            atLeastOne(session, "session");
            notNegative(generation, "generation");
            atLeastOne(logEpoch, "logEpoch");
            notNegative(cursor, "cursor");
            notNegative(end, "end");
            range(lostFrom, lostTo, cause);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /**
     * A subscriber adds a pattern.
     *
     * @param position with {@link StartFrom#POSITION} a position, with {@link StartFrom#TIME} milliseconds since 1970, else 0
     */
    record Subscribe(
            int session, int request, long cursor, PatternKind kind, StartFrom from, long position, String pattern)
            implements OfSession {
        public static final int CODE = 0x22;

        public Subscribe {
            notNegative(session, "session");
            notNegative(request, "request");
            notNegative(cursor, "cursor");
            notNegative(position, "position");
            kind.check(pattern);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** The hub tells from which position a pattern holds, and the cursor and generation in force. */
    record Subscribed(int session, int request, int generation, long start, long cursor) implements OfSubscriber {
        public static final int CODE = 0x23;

        public Subscribed {
            notNegative(session, "session");
            notNegative(request, "request");
            notNegative(generation, "generation");
            atLeastOne(start, "start");
            notNegative(cursor, "cursor");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** A subscriber takes a pattern away. */
    record Unsubscribe(int session, int request, PatternKind kind, String pattern) implements OfSession {
        public static final int CODE = 0x24;

        public Unsubscribe {
            notNegative(session, "session");
            notNegative(request, "request");
            kind.check(pattern);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** The pattern, or after FORGET the subscriber, is gone. */
    record Unsubscribed(int session, int request) implements OfSubscriber {
        public static final int CODE = 0x25;

        public Unsubscribed {
            notNegative(session, "session");
            notNegative(request, "request");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** Everything up to the cursor is processed; with {@code answer} the hub answers at once. */
    record Acknowledge(int session, long cursor, boolean answer) implements OfSession {
        public static final int CODE = 0x26;

        public Acknowledge {
            notNegative(session, "session");
            notNegative(cursor, "cursor");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /**
     * Frame 0 of a delivery; frame 1 is the batch whose first record has the position. {@code timeMs} is when the hub logged
     * it, in ms since 1970; 0 if that is not told.
     */
    record Deliver(int session, int logEpoch, long previous, long position, long timeMs) implements OfSubscriber {
        public static final int CODE = 0x27;

        /** To a durable subscriber. */
        public Deliver(int session, int logEpoch, long previous, long position) {
            this(session, logEpoch, previous, position, 0);
        }

        public Deliver {
            notNegative(session, "session");
            notNegative(logEpoch, "logEpoch");
            notNegative(previous, "previous");
            atLeastOne(position, "position");
            notNegative(timeMs, "timeMs");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** After {@code previous} there is nothing for this subscriber up to {@code end}. */
    record End(int session, int logEpoch, long previous, long end) implements OfSubscriber {
        public static final int CODE = 0x28;

        public End {
            notNegative(session, "session");
            notNegative(logEpoch, "logEpoch");
            notNegative(previous, "previous");
            notNegative(end, "end");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** A subscriber has a gap after the cursor. */
    record Resend(int session, long cursor) implements OfSession {
        public static final int CODE = 0x29;

        public Resend {
            notNegative(session, "session");
            notNegative(cursor, "cursor");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** A subscriber goes; its patterns stay. */
    record Detach(int session) implements OfSession {
        public static final int CODE = 0x2A;

        public Detach {
            notNegative(session, "session");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** A subscriber asks to be removed with all its patterns. */
    record Forget(int session, int request) implements OfSession {
        public static final int CODE = 0x2B;

        public Forget {
            notNegative(session, "session");
            notNegative(request, "request");
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** The hub tells that a range is gone. */
    record Lost(int session, int logEpoch, long lostFrom, long lostTo, Cause cause) implements OfSubscriber {
        public static final int CODE = 0x2C;

        public Lost {
            notNegative(session, "session");
            notNegative(logEpoch, "logEpoch");
            range(lostFrom, lostTo, cause);
            if (cause == Cause.NONE) {
                throw new IllegalArgumentException("nothing is lost");
            }
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    /** Something was wrong; session and request 0 where it concerns none. The text is cut to 1,024 octets. */
    @SuppressWarnings("JavaLangClash") // the name that the protocol gives it
    record Error(int session, int request, Code reason, String text) implements OfPublisher, OfSubscriber {
        public static final int CODE = 0x2F;

        public Error {
            notNegative(session, "session");
            notNegative(request, "request");
            text = Text.reason(text);
        }

        @Override
        public int code() {
            return CODE;
        }
    }

    private static void notNegative(long value, String what) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " is negative");
        }
    }

    private static void atLeastOne(long value, String what) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " is below 1");
        }
    }

    private static void range(long from, long to, Cause cause) {
        boolean none = from == 0 && to == 0;
        if (none != (cause == Cause.NONE) || (!none && (from < 1 || to < from))) {
            throw new IllegalArgumentException("range " + from + " to " + to + " does not fit its cause");
        }
    }

    private static List<TopicSequence> bounded(List<TopicSequence> topics) {
        if (topics.size() > 0xFFFF) {
            throw new IllegalArgumentException("more than 65535 topics in one command");
        }
        return List.copyOf(topics);
    }
}
