package io.bactrian.speed.core;

import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A record in an entry of the log. Records are results, so that applying them again needs no clock and decides nothing. */
public sealed interface SpeedRecord {

    /**
     * A Speed that was accepted.
     *
     * @param value in millionths
     * @param timeS the second to which it counts
     * @param serverSequence of the Average that it made, -1 if none
     * @param average the value of that Average
     */
    record Measured(
            long sensor, long sequence, long value, long sensorTimeS, long timeS, long serverSequence, long average)
            implements SpeedRecord {}

    /** A sensor has all Averages up to a number. */
    record Acknowledged(long sensor, long serverSequence) implements SpeedRecord {}

    /** A sensor was silent for too long and is not known any more. */
    record Forgotten(long sensor) implements SpeedRecord {}

    /** The whole state; what came before may be deleted. */
    record Snapshot(long nextSequence, List<Bucket> window, List<AverageValue> averages, List<SensorState> sensors)
            implements SpeedRecord {}

    /** The Speeds of one second. */
    record Bucket(long timeS, long count, long sum) {}

    record AverageValue(long sequence, long value, long timeS) {}

    /** A sensor, with the sequence numbers that were seen as ranges of first and last. */
    record SensorState(
            long id,
            long acknowledged,
            long seenS,
            long zeroTimeS,
            long newestTimeS,
            long highest,
            Map<Long, Long> seen) {}

    int VERSION = 1;

    /** The payload of an entry made at a second by the active node's clock. */
    static byte[] encode(long nowS, List<SpeedRecord> records) {
        int bytes = 16;
        for (SpeedRecord record : records) {
            bytes += size(record);
        }
        FrameWriter to = new FrameWriter(bytes).u8(VERSION).u64(nowS).u32(records.size());
        for (SpeedRecord record : records) {
            write(to, record);
        }
        return to.done();
    }

    private static int size(SpeedRecord record) {
        if (record instanceof Snapshot s) {
            int bytes = 32 + 24 * s.window().size() + 24 * s.averages().size();
            for (SensorState sensor : s.sensors()) {
                bytes += 56 + 16 * sensor.seen().size();
            }
            return bytes;
        }
        return 64;
    }

    private static void write(FrameWriter to, SpeedRecord record) {
        if (record instanceof Measured m) {
            to.u8(1).u64(m.sensor()).u64(m.sequence()).u64(m.value());
            to.u64(m.sensorTimeS()).u64(m.timeS()).u64(m.serverSequence()).u64(m.average());
        } else if (record instanceof Acknowledged a) {
            to.u8(2).u64(a.sensor()).u64(a.serverSequence());
        } else if (record instanceof Forgotten f) {
            to.u8(3).u64(f.sensor());
        } else if (record instanceof Snapshot s) {
            to.u8(4).u64(s.nextSequence());
            to.u32(s.window().size());
            s.window().forEach(b -> to.u64(b.timeS()).u64(b.count()).u64(b.sum()));
            to.u32(s.averages().size());
            s.averages().forEach(a -> to.u64(a.sequence()).u64(a.value()).u64(a.timeS()));
            to.u32(s.sensors().size());
            for (SensorState sensor : s.sensors()) {
                to.u64(sensor.id()).u64(sensor.acknowledged()).u64(sensor.seenS());
                to.u64(sensor.zeroTimeS()).u64(sensor.newestTimeS()).u64(sensor.highest());
                to.u32(sensor.seen().size());
                sensor.seen().forEach((first, last) -> to.u64(first).u64(last));
            }
        }
    }

    /** A decoded entry. */
    record Decoded(long nowS, List<SpeedRecord> records) {
        public Decoded {
            records = List.copyOf(records);
        }
    }

    /** Reads a payload of a log that this program wrote; {@link IllegalArgumentException} if it is none. */
    static Decoded decode(byte[] payload) {
        FrameReader<IllegalArgumentException> from =
                new FrameReader<>(payload, 0, payload.length, SpeedRecord::malformed);
        int version = from.u8();
        if (version != VERSION) {
            throw malformed("version " + version + ", this program knows " + VERSION);
        }
        long nowS = from.bits64();
        int size = from.u32();
        List<SpeedRecord> records = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            records.add(read(from));
        }
        return new Decoded(nowS, records);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException("not an entry of a speed-limit log: " + text);
    }

    private static SpeedRecord read(FrameReader<IllegalArgumentException> from) {
        int kind = from.u8();
        return switch (kind) {
            case 1 ->
                new Measured(
                        from.bits64(),
                        from.bits64(),
                        from.bits64(),
                        from.bits64(),
                        from.bits64(),
                        from.bits64(),
                        from.bits64());
            case 2 -> new Acknowledged(from.bits64(), from.bits64());
            case 3 -> new Forgotten(from.bits64());
            case 4 -> snapshot(from);
            default -> throw malformed("record of unknown kind " + kind);
        };
    }

    private static Snapshot snapshot(FrameReader<IllegalArgumentException> from) {
        long next = from.bits64();
        List<Bucket> window = new ArrayList<>();
        for (int i = from.u32(); i > 0; i--) {
            window.add(new Bucket(from.bits64(), from.bits64(), from.bits64()));
        }
        List<AverageValue> averages = new ArrayList<>();
        for (int i = from.u32(); i > 0; i--) {
            averages.add(new AverageValue(from.bits64(), from.bits64(), from.bits64()));
        }
        List<SensorState> sensors = new ArrayList<>();
        for (int i = from.u32(); i > 0; i--) {
            long id = from.bits64();
            long acknowledged = from.bits64();
            long seenS = from.bits64();
            long zeroS = from.bits64();
            long newestS = from.bits64();
            long highest = from.bits64();
            Map<Long, Long> seen = new TreeMap<>();
            for (int j = from.u32(); j > 0; j--) {
                seen.put(from.bits64(), from.bits64());
            }
            sensors.add(new SensorState(id, acknowledged, seenS, zeroS, newestS, highest, seen));
        }
        return new Snapshot(next, window, averages, sensors);
    }
}
