package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.PatternKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Control records as they stand in the hub's log: a batch without a publisher under a topic that no client can name, each
 * record one message of it. A record is one octet that tells its type, then its fields in the order of the Java record:
 * numbers big-endian, texts as modified UTF-8 after their length, lists after their length.
 */
final class ControlCodec {
    /** The topic of control records. Topics that begin with a dollar sign are the hub's own. */
    static final String TOPIC = "$hub";

    private static final int GRANTED = 1;
    private static final int OPENED = 2;
    private static final int PUBLISHER_FORGOTTEN = 3;
    private static final int SUBSCRIBER_SAVED = 4;
    private static final int SUBSCRIBER_FORGOTTEN = 5;
    private static final int LOG_CUT = 6;
    private static final int LOG_NAMED = 7;
    private static final int EPOCHS_RAISED = 8;
    private static final int EPOCHS_USED = 9;
    private static final int SEQUENCES = 10;
    private static final int NOTED = 11;
    private static final int LOG_LIVES = 12;
    private static final int LOG_PURGED = 13;

    private ControlCodec() {}

    static boolean isControl(String topic) {
        return topic.equals(TOPIC);
    }

    /** One batch of at least one record. */
    static Batch encode(List<ControlRecord> records) {
        BatchBuilder batch = new BatchBuilder("", TOPIC, 0, 0);
        for (ControlRecord record : records) {
            batch.append(encode(record));
        }
        return batch.build();
    }

    /**
     * The records of a batch, in their order.
     *
     * @throws IllegalArgumentException if one of them is of a type that this version does not know, or is not whole
     */
    static List<ControlRecord> decode(Batch batch) {
        List<ControlRecord> records = new ArrayList<>();
        for (byte[] octets : batch.records()) {
            records.add(decode(octets));
        }
        return records;
    }

    private static byte[] encode(ControlRecord record) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try {
            write(record, new DataOutputStream(octets));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    private static void write(ControlRecord record, DataOutputStream out) throws IOException {
        if (record instanceof ControlRecord.Granted granted) {
            out.writeByte(GRANTED);
            out.writeUTF(granted.publisher());
            out.writeLong(granted.instance());
            out.writeLong(granted.epoch());
            out.writeLong(granted.atMs());
        } else if (record instanceof ControlRecord.Opened opened) {
            out.writeByte(OPENED);
            out.writeUTF(opened.publisher());
            out.writeLong(opened.epoch());
            out.writeLong(opened.atMs());
        } else if (record instanceof ControlRecord.PublisherForgotten forgotten) {
            out.writeByte(PUBLISHER_FORGOTTEN);
            out.writeUTF(forgotten.publisher());
        } else if (record instanceof ControlRecord.SubscriberSaved saved) {
            out.writeByte(SUBSCRIBER_SAVED);
            write(saved.subscriber(), out);
            write(saved.gone(), out);
            write(saved.fresh(), out);
        } else if (record instanceof ControlRecord.SubscriberForgotten forgotten) {
            out.writeByte(SUBSCRIBER_FORGOTTEN);
            out.writeUTF(forgotten.subscriber());
        } else if (record instanceof ControlRecord.LogCut cut) {
            out.writeByte(LOG_CUT);
            out.writeInt(cut.logEpoch());
            out.writeLong(cut.reached());
        } else if (record instanceof ControlRecord.LogNamed named) {
            out.writeByte(LOG_NAMED);
            out.writeLong(named.identity());
        } else if (record instanceof ControlRecord.LogLives begun) {
            out.writeByte(LOG_LIVES);
            out.writeLong(begun.identity());
            out.writeInt(begun.fromEpoch());
            out.writeInt(begun.life());
        } else if (record instanceof ControlRecord.LogPurged purged) {
            out.writeByte(LOG_PURGED);
            out.writeLong(purged.identity());
            out.writeLong(purged.before());
        } else if (record instanceof ControlRecord.EpochsRaised raised) {
            out.writeByte(EPOCHS_RAISED);
            out.writeLong(raised.epoch());
        } else if (record instanceof ControlRecord.EpochsUsed used) {
            out.writeByte(EPOCHS_USED);
            out.writeLong(used.epoch());
        } else if (record instanceof ControlRecord.Sequences sequences) {
            out.writeByte(SEQUENCES);
            out.writeInt(sequences.last().size());
            for (SequenceState last : sequences.last()) {
                out.writeUTF(last.publisher());
                out.writeUTF(last.topic());
                out.writeLong(last.lastSequence());
            }
        } else if (record instanceof ControlRecord.Noted noted) {
            out.writeByte(NOTED);
            write(noted.event(), out);
        } else {
            throw new IllegalArgumentException("no log takes a " + record.getClass());
        }
    }

    private static void write(DurableSubscriber subscriber, DataOutputStream out) throws IOException {
        out.writeUTF(subscriber.id());
        out.writeInt(subscriber.generation());
        out.writeInt(subscriber.logEpoch());
        out.writeLong(subscriber.cursor());
        out.writeLong(subscriber.purgedUpTo());
        out.writeLong(subscriber.receivedUpTo());
        out.writeLong(subscriber.lastSeenMs());
    }

    private static void write(List<DurableSubscription> patterns, DataOutputStream out) throws IOException {
        out.writeInt(patterns.size());
        for (DurableSubscription pattern : patterns) {
            out.writeByte(pattern.kind().number());
            out.writeUTF(pattern.pattern());
            out.writeLong(pattern.start());
            out.writeLong(pattern.processedUpTo());
            out.writeBoolean(pattern.ended());
        }
    }

    private static void write(HubEvent event, DataOutputStream out) throws IOException {
        out.writeLong(event.atMs());
        out.writeUTF(event.what());
        write(event.publisher(), out);
        write(event.subscriber(), out);
        write(event.topic(), out);
        out.writeLong(event.from());
        out.writeLong(event.to());
        out.writeUTF(event.cause());
    }

    private static void write(@Nullable String text, DataOutputStream out) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) {
            out.writeUTF(text);
        }
    }

    private static ControlRecord decode(byte[] octets) {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets));
        try {
            return read(in);
        } catch (IOException e) {
            throw new IllegalArgumentException("a control record of " + octets.length + " octets is not whole", e);
        }
    }

    private static ControlRecord read(DataInputStream in) throws IOException {
        int type = in.readUnsignedByte();
        return switch (type) {
            case GRANTED -> new ControlRecord.Granted(in.readUTF(), in.readLong(), in.readLong(), in.readLong());
            case OPENED -> new ControlRecord.Opened(in.readUTF(), in.readLong(), in.readLong());
            case PUBLISHER_FORGOTTEN -> new ControlRecord.PublisherForgotten(in.readUTF());
            case SUBSCRIBER_SAVED -> new ControlRecord.SubscriberSaved(subscriber(in), patterns(in), patterns(in));
            case SUBSCRIBER_FORGOTTEN -> new ControlRecord.SubscriberForgotten(in.readUTF());
            case LOG_CUT -> new ControlRecord.LogCut(in.readInt(), in.readLong());
            case LOG_NAMED -> new ControlRecord.LogNamed(in.readLong());
            case EPOCHS_RAISED -> new ControlRecord.EpochsRaised(in.readLong());
            case EPOCHS_USED -> new ControlRecord.EpochsUsed(in.readLong());
            case SEQUENCES -> sequences(in);
            case LOG_LIVES -> new ControlRecord.LogLives(in.readLong(), in.readInt(), in.readInt());
            case LOG_PURGED -> new ControlRecord.LogPurged(in.readLong(), in.readLong());
            case NOTED -> new ControlRecord.Noted(event(in));
            default ->
                throw new IllegalArgumentException("control record of the unknown type " + type
                        + ": the log was written by a later version, run that one");
        };
    }

    private static DurableSubscriber subscriber(DataInputStream in) throws IOException {
        return new DurableSubscriber(
                in.readUTF(),
                in.readInt(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                List.of());
    }

    private static List<DurableSubscription> patterns(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<DurableSubscription> patterns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PatternKind kind =
                    in.readUnsignedByte() == PatternKind.TOPIC.number() ? PatternKind.TOPIC : PatternKind.PREFIX;
            patterns.add(new DurableSubscription(kind, in.readUTF(), in.readLong(), in.readLong(), in.readBoolean()));
        }
        return patterns;
    }

    private static ControlRecord sequences(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<SequenceState> last = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            last.add(new SequenceState(in.readUTF(), in.readUTF(), in.readLong()));
        }
        return new ControlRecord.Sequences(last);
    }

    private static HubEvent event(DataInputStream in) throws IOException {
        return new HubEvent(
                in.readLong(), in.readUTF(), text(in), text(in), text(in), in.readLong(), in.readLong(), in.readUTF());
    }

    private static @Nullable String text(DataInputStream in) throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }
}
