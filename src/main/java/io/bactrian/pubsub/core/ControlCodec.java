package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;
import io.bactrian.wire.PatternKind;
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
        FrameWriter out = new FrameWriter(64);
        write(record, out);
        return out.done();
    }

    private static void write(ControlRecord record, FrameWriter out) {
        if (record instanceof ControlRecord.Granted granted) {
            out.u8(GRANTED);
            out.utf(granted.publisher());
            out.u64(granted.instance());
            out.u64(granted.epoch());
            out.u64(granted.atMs());
        } else if (record instanceof ControlRecord.Opened opened) {
            out.u8(OPENED);
            out.utf(opened.publisher());
            out.u64(opened.epoch());
            out.u64(opened.atMs());
        } else if (record instanceof ControlRecord.PublisherForgotten forgotten) {
            out.u8(PUBLISHER_FORGOTTEN);
            out.utf(forgotten.publisher());
        } else if (record instanceof ControlRecord.SubscriberSaved saved) {
            out.u8(SUBSCRIBER_SAVED);
            write(saved.subscriber(), out);
            write(saved.gone(), out);
            write(saved.fresh(), out);
        } else if (record instanceof ControlRecord.SubscriberForgotten forgotten) {
            out.u8(SUBSCRIBER_FORGOTTEN);
            out.utf(forgotten.subscriber());
        } else if (record instanceof ControlRecord.LogCut cut) {
            out.u8(LOG_CUT);
            out.u32(cut.logEpoch());
            out.u64(cut.reached());
        } else if (record instanceof ControlRecord.LogNamed named) {
            out.u8(LOG_NAMED);
            out.u64(named.identity());
        } else if (record instanceof ControlRecord.LogLives begun) {
            out.u8(LOG_LIVES);
            out.u64(begun.identity());
            out.u32(begun.fromEpoch());
            out.u32(begun.life());
        } else if (record instanceof ControlRecord.LogPurged purged) {
            out.u8(LOG_PURGED);
            out.u64(purged.identity());
            out.u64(purged.before());
        } else if (record instanceof ControlRecord.EpochsRaised raised) {
            out.u8(EPOCHS_RAISED);
            out.u64(raised.epoch());
        } else if (record instanceof ControlRecord.EpochsUsed used) {
            out.u8(EPOCHS_USED);
            out.u64(used.epoch());
        } else if (record instanceof ControlRecord.Sequences sequences) {
            out.u8(SEQUENCES);
            out.u32(sequences.last().size());
            for (SequenceState last : sequences.last()) {
                out.utf(last.publisher());
                out.utf(last.topic());
                out.u64(last.lastSequence());
            }
        } else if (record instanceof ControlRecord.Noted noted) {
            out.u8(NOTED);
            write(noted.event(), out);
        } else {
            throw new IllegalArgumentException("no log takes a " + record.getClass());
        }
    }

    private static void write(DurableSubscriber subscriber, FrameWriter out) {
        out.utf(subscriber.id());
        out.u32(subscriber.generation());
        out.u32(subscriber.logEpoch());
        out.u64(subscriber.cursor());
        out.u64(subscriber.purgedUpTo());
        out.u64(subscriber.receivedUpTo());
        out.u64(subscriber.lastSeenMs());
    }

    private static void write(List<DurableSubscription> patterns, FrameWriter out) {
        out.u32(patterns.size());
        for (DurableSubscription pattern : patterns) {
            out.u8(pattern.kind().number());
            out.utf(pattern.pattern());
            out.u64(pattern.start());
            out.u64(pattern.processedUpTo());
            out.u8(pattern.ended() ? 1 : 0);
        }
    }

    private static void write(HubEvent event, FrameWriter out) {
        out.u64(event.atMs());
        out.utf(event.what());
        write(event.publisher(), out);
        write(event.subscriber(), out);
        write(event.topic(), out);
        out.u64(event.from());
        out.u64(event.to());
        out.utf(event.cause());
    }

    private static void write(@Nullable String text, FrameWriter out) {
        out.u8(text != null ? 1 : 0);
        if (text != null) {
            out.utf(text);
        }
    }

    private static ControlRecord decode(byte[] octets) {
        return read(new FrameReader<>(
                octets,
                0,
                octets.length,
                text -> new IllegalArgumentException(
                        "a control record of " + octets.length + " octets is not whole: " + text)));
    }

    private static ControlRecord read(FrameReader<IllegalArgumentException> in) {
        int type = in.u8();
        return switch (type) {
            case GRANTED -> new ControlRecord.Granted(in.utf(), in.bits64(), in.bits64(), in.bits64());
            case OPENED -> new ControlRecord.Opened(in.utf(), in.bits64(), in.bits64());
            case PUBLISHER_FORGOTTEN -> new ControlRecord.PublisherForgotten(in.utf());
            case SUBSCRIBER_SAVED -> new ControlRecord.SubscriberSaved(subscriber(in), patterns(in), patterns(in));
            case SUBSCRIBER_FORGOTTEN -> new ControlRecord.SubscriberForgotten(in.utf());
            case LOG_CUT -> new ControlRecord.LogCut(in.bits32(), in.bits64());
            case LOG_NAMED -> new ControlRecord.LogNamed(in.bits64());
            case EPOCHS_RAISED -> new ControlRecord.EpochsRaised(in.bits64());
            case EPOCHS_USED -> new ControlRecord.EpochsUsed(in.bits64());
            case SEQUENCES -> sequences(in);
            case LOG_LIVES -> new ControlRecord.LogLives(in.bits64(), in.bits32(), in.bits32());
            case LOG_PURGED -> new ControlRecord.LogPurged(in.bits64(), in.bits64());
            case NOTED -> new ControlRecord.Noted(event(in));
            default ->
                throw new IllegalArgumentException("control record of the unknown type " + type
                        + ": the log was written by a later version, run that one");
        };
    }

    private static DurableSubscriber subscriber(FrameReader<IllegalArgumentException> in) {
        return new DurableSubscriber(
                in.utf(), in.bits32(), in.bits32(), in.bits64(), in.bits64(), in.bits64(), in.bits64(), List.of());
    }

    private static List<DurableSubscription> patterns(FrameReader<IllegalArgumentException> in) {
        int count = in.bits32();
        List<DurableSubscription> patterns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PatternKind kind = in.u8() == PatternKind.TOPIC.number() ? PatternKind.TOPIC : PatternKind.PREFIX;
            patterns.add(new DurableSubscription(kind, in.utf(), in.bits64(), in.bits64(), in.u8() != 0));
        }
        return patterns;
    }

    private static ControlRecord sequences(FrameReader<IllegalArgumentException> in) {
        int count = in.bits32();
        List<SequenceState> last = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            last.add(new SequenceState(in.utf(), in.utf(), in.bits64()));
        }
        return new ControlRecord.Sequences(last);
    }

    private static HubEvent event(FrameReader<IllegalArgumentException> in) {
        return new HubEvent(in.bits64(), in.utf(), text(in), text(in), text(in), in.bits64(), in.bits64(), in.utf());
    }

    private static @Nullable String text(FrameReader<IllegalArgumentException> in) {
        return in.u8() != 0 ? in.utf() : null;
    }
}
