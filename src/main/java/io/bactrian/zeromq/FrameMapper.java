package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.zeromq.socket.SocketKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** Turns ZeroMQ messages into Camel messages and back, for the options of one endpoint. */
final class FrameMapper {
    private static final byte[] EMPTY = new byte[0];
    private static final char REPLACEMENT = '\uFFFD';

    private final SocketKind kind;
    private final boolean envelope;
    /** Whether a received message of one frame is all body. */
    private final boolean plain;

    /** Whether a body of one frame is all that is sent. */
    private final boolean plainOut;

    private final @Nullable String topic;
    private final boolean topicFromHeader;

    FrameMapper(ZeroMqConfiguration configuration) {
        this.kind = configuration.kind();
        this.envelope = configuration.isEnvelope();
        this.plain = !envelope && kind != SocketKind.xpub;
        this.plainOut = !envelope && kind != SocketKind.pub && kind != SocketKind.xpub && kind != SocketKind.router;
        this.topic = configuration.getTopic();
        this.topicFromHeader = topic == null || configuration.isTopicFromHeader();
    }

    /** Fills the message of an Exchange with one received message. */
    void fill(Message to, ZeroMqMessage from) {
        byte[] routingId = from.routingId();
        if (routingId != null) {
            to.setHeader(ZeroMqConstants.ROUTING_ID, routingId);
        }
        if (plain && from.size() == 1) {
            to.setBody(from.frame(0));
            return;
        }
        switch (kind) {
            case sub, xsub -> fillTopic(to, from);
            case xpub -> fillSubscription(to, from);
            default -> {
                if (envelope) {
                    fillEnvelope(to, from.frames());
                } else {
                    to.setBody(body(from.frames()));
                }
            }
        }
    }

    /** Returns the asker, from what {@link #fill} has put into a message. */
    static Asker asker(Message from) {
        return new Asker(from.getHeader(ZeroMqConstants.ROUTING_ID), from.getHeader(ZeroMqConstants.ENVELOPE));
    }

    /** Where an answer goes to, whatever the route has made of the headers. */
    record Asker(@Nullable Object routingId, @Nullable Object envelope) {

        /** Addresses an answer. */
        void address(Message answer) {
            set(answer, ZeroMqConstants.ROUTING_ID, routingId);
            set(answer, ZeroMqConstants.ENVELOPE, envelope);
        }

        private static void set(Message answer, String header, @Nullable Object value) {
            if (value != null) {
                answer.setHeader(header, value);
            }
        }
    }

    /** A topic is text if its octets are UTF-8, and else the octets, so that whoever passes it on changes nothing. */
    private static Object topic(byte[] frame, int from) {
        String text = new String(frame, from, frame.length - from, UTF_8);
        if (text.indexOf(REPLACEMENT) < 0) {
            return text;
        }
        byte[] octets = Arrays.copyOfRange(frame, from, frame.length);
        return Arrays.equals(octets, text.getBytes(UTF_8)) ? text : octets;
    }

    private static Object body(List<byte[]> frames) {
        return frames.size() == 1 ? frames.get(0) : frames;
    }

    private static void fillTopic(Message to, ZeroMqMessage from) {
        if (from.size() == 1) {
            to.setBody(from.frame(0));
        } else {
            to.setHeader(ZeroMqConstants.TOPIC, topic(from.frame(0), 0));
            to.setBody(body(from.frames().subList(1, from.size())));
        }
    }

    private static void fillSubscription(Message to, ZeroMqMessage from) {
        byte[] first = from.frame(0);
        if (first.length > 0 && (first[0] == 0 || first[0] == 1)) {
            to.setHeader(
                    ZeroMqConstants.SUBSCRIPTION,
                    first[0] == 1 ? ZeroMqConstants.SUBSCRIBE : ZeroMqConstants.UNSUBSCRIBE);
            to.setHeader(ZeroMqConstants.TOPIC, topic(first, 1));
        }
        to.setBody(body(from.frames()));
    }

    private static void fillEnvelope(Message to, List<byte[]> frames) {
        int delimiter = 0;
        while (delimiter < frames.size() && frames.get(delimiter).length > 0) {
            delimiter++;
        }
        if (delimiter >= frames.size() - 1) {
            to.setBody(body(frames));
        } else {
            to.setHeader(ZeroMqConstants.ENVELOPE, List.copyOf(frames.subList(0, delimiter)));
            to.setBody(body(frames.subList(delimiter + 1, frames.size())));
        }
    }

    /** The batch that a body holds, or null if the body is a single message. */
    @Nullable List<ZeroMqMessage> batch(Message from) {
        Object body = from.getBody();
        if (body instanceof byte[] || !(body instanceof Iterable<?> items)) {
            return null;
        }
        List<ZeroMqMessage> batch = new ArrayList<>(items instanceof List<?> list ? list.size() : 16);
        boolean batched = false;
        byte[] routingId = null;
        for (Object item : items) {
            if (!(item instanceof ZeroMqMessage message)) {
                if (batched) {
                    throw new IllegalArgumentException("a batch holds ZeroMqMessages only, but there is a "
                            + (item == null ? "null" : item.getClass().getName()));
                }
                return null;
            }
            if (!batched) {
                routingId = routingId(from);
                batched = true;
            }
            batch.add(routed(message, routingId));
        }
        return batched || !items.iterator().hasNext() ? batch : null;
    }

    /** The single message that a body, with the headers, stands for. */
    ZeroMqMessage message(Message from) throws InvalidPayloadException {
        Object body = from.getBody();
        if (plainOut && body instanceof byte[] bytes) {
            return ZeroMqMessage.of(null, bytes);
        }
        byte[] routingId = routingId(from);
        if (body instanceof ZeroMqMessage message) {
            return routed(message, routingId);
        }
        List<byte[]> prefix = prefix(from);
        if (prefix.isEmpty() && !(body instanceof Iterable<?>)) {
            return ZeroMqMessage.of(routingId, frame(from, body));
        }
        List<byte[]> frames = new ArrayList<>(prefix);
        if (body instanceof Iterable<?> items) {
            for (Object item : items) {
                frames.add(frame(from, item));
            }
        } else {
            frames.add(frame(from, body));
        }
        return ZeroMqMessage.of(routingId, frames);
    }

    private ZeroMqMessage routed(ZeroMqMessage message, byte @Nullable [] routingId) {
        if ((kind == SocketKind.pub || kind == SocketKind.xpub) && topic != null && !topicFromHeader) {
            throw new IllegalArgumentException("topic=" + topic
                    + " cannot be given to a ZeroMqMessage, which is sent as it is, as it may have a topic of its own: split the"
                    + " batch and set the body to what is to be sent, or remove the option topic");
        }
        return kind == SocketKind.router && message.routingId() == null
                ? ZeroMqMessage.of(routingId, message.frames())
                : message;
    }

    private byte @Nullable [] routingId(Message from) {
        return kind == SocketKind.router ? from.getHeader(ZeroMqConstants.ROUTING_ID, byte[].class) : null;
    }

    /** The frames that go before the body. */
    private List<byte[]> prefix(Message from) {
        if (kind == SocketKind.pub || kind == SocketKind.xpub) {
            Object header = topicFromHeader ? from.getHeader(ZeroMqConstants.TOPIC) : null;
            if (header instanceof byte[] octets) {
                return List.of(octets);
            }
            String name = header == null ? topic : header.toString();
            return name == null ? List.of() : List.of(name.getBytes(UTF_8));
        }
        if (!envelope) {
            return List.of();
        }
        List<byte[]> prefix = new ArrayList<>();
        if (from.getHeader(ZeroMqConstants.ENVELOPE) instanceof Iterable<?> frames) {
            for (Object frame : frames) {
                if (!(frame instanceof byte[] bytes)) {
                    throw new IllegalArgumentException(
                            ZeroMqConstants.ENVELOPE + " holds byte[] only, but there is " + frame);
                }
                prefix.add(bytes);
            }
        }
        prefix.add(EMPTY);
        return prefix;
    }

    private static byte[] frame(Message from, @Nullable Object body) throws InvalidPayloadException {
        if (body instanceof byte[] bytes) {
            return bytes;
        }
        if (body == null) {
            // As in the other components: an empty message is meant by who sends one, and null is nearly always a
            // mistake.
            throw new InvalidPayloadException(from.getExchange(), byte[].class, from);
        }
        if (body instanceof String text) {
            return text.getBytes(UTF_8);
        }
        byte[] converted =
                from.getExchange().getContext().getTypeConverter().tryConvertTo(byte[].class, from.getExchange(), body);
        if (converted == null) {
            throw new InvalidPayloadException(from.getExchange(), byte[].class, from);
        }
        return converted;
    }
}
