package io.bactrian.pubsub.routes;

import io.bactrian.journal.JournalConstants;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.TopicBytes;
import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Code;
import io.bactrian.wire.Multipart;
import io.bactrian.zeromq.ZeroMqMessage;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.jspecify.annotations.Nullable;

/** The bean of the plain routes: makes batches of what plain PUB peers send, and messages for plain SUB peers. */
public final class PlainPeers {
    private static final String PEER = "plain";
    private static final int TOPIC_BYTES_MAX = 255;
    private static final byte[] NO_TOPIC = new byte[0];

    private final Supplier<HubMachine> hub;
    private final HubLimits limits;
    private final HubCounters counters;
    private final BadInput badInput;
    private final Clock clock;
    private final PlainSubscriptions subscriptions;

    PlainPeers(Supplier<HubMachine> hub, HubLimits limits, HubCounters counters, BadInput badInput, Clock clock) {
        this.hub = hub;
        this.limits = limits;
        this.counters = counters;
        this.badInput = badInput;
        this.clock = clock;
        this.subscriptions = new PlainSubscriptions(limits.topicsMax());
    }

    /**
     * Makes batches of runs of messages with the same topic and form, so that all messages stay in the order in which they
     * came; what cannot be in one is dropped and counted.
     */
    public PlainRound wrap(@Body List<ZeroMqMessage> messages) {
        HubMachine taking = hub.get();
        Map<ByteBuffer, String> topics = new HashMap<>();
        List<Batch> batches = new ArrayList<>();
        List<ZeroMqMessage> run = new ArrayList<>();
        String topic = "";
        byte[] topicFrame = NO_TOPIC;
        boolean multipart = false;
        TopicBytes take = new TopicBytes();
        for (ZeroMqMessage message : messages) {
            boolean goesOn = Arrays.equals(message.frame(0), topicFrame) && message.size() > 2 == multipart;
            String its = topicOf(message, goesOn ? topic : topics.get(ByteBuffer.wrap(message.frame(0))));
            if (its == null) {
                continue;
            }
            if (!goesOn) {
                wrap(taking, take, topic, multipart, run, batches);
                run.clear();
                topics.put(ByteBuffer.wrap(message.frame(0)), its);
                topic = its;
                topicFrame = message.frame(0);
                multipart = message.size() > 2;
            }
            run.add(message);
        }
        wrap(taking, take, topic, multipart, run, batches);
        if (!batches.isEmpty()) {
            taking.plainBegins();
        }
        return new PlainRound(taking, batches);
    }

    /**
     * The topic of a message, or null if it is none that the hub takes.
     *
     * @param known what its first frame says, or null if that is still to be found out
     */
    private @Nullable String topicOf(ZeroMqMessage message, @Nullable String known) {
        byte[] frame = message.frame(0);
        if (message.size() < 2) {
            badInput.from(PEER, BadInput.PLAIN_WITHOUT_BODY, "a plain message needs a topic frame and a body frame");
        } else if (frame.length == 0 || frame.length > TOPIC_BYTES_MAX) {
            badInput.from(PEER, Code.MALFORMED.label(), "a topic has 1 to 255 octets, not " + frame.length);
        } else if (message.bytes() - frame.length > limits.messageBytesMax()) {
            badInput.from(PEER, Code.MESSAGE_TOO_LARGE.label(), "a message may have " + limits.messageBytesMax());
        } else if (known != null) {
            return known;
        } else if (frame[0] == '$') {
            badInput.from(PEER, Code.RESERVED_TOPIC.label(), "topics beginning with $ belong to the hub");
        } else {
            try {
                String topic = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(frame))
                        .toString();
                if (topic.indexOf('\0') < 0) {
                    return topic;
                }
                badInput.from(PEER, Code.MALFORMED.label(), "a topic holds no U+0000");
            } catch (CharacterCodingException e) {
                badInput.from(
                        PEER,
                        Code.MALFORMED.label(),
                        "the topic is not UTF-8, its octets are "
                                + HexFormat.of().formatHex(frame));
            }
        }
        return null;
    }

    private void wrap(
            HubMachine taking,
            TopicBytes take,
            String topic,
            boolean multipart,
            List<ZeroMqMessage> messages,
            List<Batch> batches) {
        if (messages.isEmpty()) {
            return;
        }
        BatchBuilder builder = new BatchBuilder("", topic, 0, 0).multipart(multipart);
        for (ZeroMqMessage message : messages) {
            byte[] record = multipart ? Multipart.pack(message.frames().subList(1, message.size())) : message.frame(1);
            if (builder.overheadBytes() + 4L + record.length > limits.batchBytesMax()) {
                badInput.from(
                        PEER, Code.MESSAGE_TOO_LARGE.label(), "a batch may have " + limits.batchBytesMax() + " octets");
                continue;
            }
            Code refused = taking.refuses(topic, record.length, take, clock.millis());
            if (refused != null) {
                badInput.from(PEER, refused.label(), "topic " + topic);
                continue;
            }
            if (!builder.isEmpty() && builder.bytes() + record.length + 4 > limits.batchBytesMax()) {
                batches.add(builder.build());
                builder.clear();
            }
            builder.append(record);
        }
        if (!builder.isEmpty()) {
            batches.add(builder.build());
        }
    }

    /** Notes that the batches are in the log; the body is then the batches that plain SUB peers may get at once. */
    public List<Batch> logged(
            @Body PlainRound wrapped, @Header(JournalConstants.POSITION) @Nullable Long firstPosition) {
        if (firstPosition == null) {
            return List.of();
        }
        List<Batch> published = wrapped.hub().plainAppended(wrapped.batches(), firstPosition, clock.millis());
        wrapped.batches().forEach(batch -> counters.plainIn(batch.count()));
        return published;
    }

    /** The body is then what has become free to be published since, as the committed position has moved. */
    public List<Batch> committed() {
        return hub.get().publications();
    }

    /** Counts the batches that could not be logged as lost: a plain publisher is not told. */
    public void lost(@Body PlainRound wrapped) {
        if (!wrapped.batches().isEmpty()) {
            wrapped.hub().plainFailed();
        }
        for (Batch batch : wrapped.batches()) {
            badInput.from(PEER, Code.UNAVAILABLE.label(), batch.count() + " messages lost, topic " + batch.topic());
        }
    }

    /** Takes the subscriptions of plain SUB peers. */
    public void subscriptions(@Body List<ZeroMqMessage> events) {
        for (ZeroMqMessage event : events) {
            if (!subscriptions.take(event.frame(0))) {
                badInput.from(PEER, Code.TOO_MANY_SUBSCRIPTIONS.label(), "more than " + limits.topicsMax());
            }
        }
    }

    /** Whether a plain peer subscribes to any of the topics. */
    public boolean wanted(@Body List<Batch> batches) {
        return !subscriptions.isEmpty() && batches.stream().anyMatch(batch -> subscriptions.covers(batch.topic()));
    }

    /** The body is then the messages of topics that a plain peer subscribes to: a topic frame and the body's frames. */
    public List<ZeroMqMessage> unwrap(@Body List<Batch> batches) {
        List<ZeroMqMessage> out = new ArrayList<>();
        Map<String, byte[]> topics = new HashMap<>();
        for (Batch batch : batches) {
            byte[] topic = topics.computeIfAbsent(
                    batch.topic(), its -> subscriptions.covers(its) ? its.getBytes(StandardCharsets.UTF_8) : NO_TOPIC);
            if (topic.length > 0) {
                for (byte[] record : batch.withoutHeaders().records()) {
                    List<byte[]> frames = new ArrayList<>();
                    frames.add(topic);
                    if (batch.multipart()) {
                        frames.addAll(Multipart.unpack(record, 0, record.length));
                    } else {
                        frames.add(record);
                    }
                    out.add(ZeroMqMessage.of(null, frames));
                }
            }
        }
        counters.plainOut(out.size());
        return out;
    }
}
