package io.bactrian.speed.core;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What an entry of the log holds: results, so that applying them again needs no clock and decides nothing. */
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

    /** What was measured in one second. */
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

    byte VERSION = 1;

    /** The payload of an entry made at a second by the active node's clock. */
    static byte[] encode(long nowS, List<SpeedRecord> records) {
        int bytes = 16;
        for (SpeedRecord record : records) {
            bytes += size(record);
        }
        ByteBuffer to = ByteBuffer.allocate(bytes).put(VERSION).putLong(nowS).putInt(records.size());
        for (SpeedRecord record : records) {
            write(to, record);
        }
        byte[] payload = new byte[to.position()];
        to.flip().get(payload);
        return payload;
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

    private static void write(ByteBuffer to, SpeedRecord record) {
        if (record instanceof Measured m) {
            to.put((byte) 1).putLong(m.sensor()).putLong(m.sequence()).putLong(m.value());
            to.putLong(m.sensorTimeS())
                    .putLong(m.timeS())
                    .putLong(m.serverSequence())
                    .putLong(m.average());
        } else if (record instanceof Acknowledged a) {
            to.put((byte) 2).putLong(a.sensor()).putLong(a.serverSequence());
        } else if (record instanceof Forgotten f) {
            to.put((byte) 3).putLong(f.sensor());
        } else if (record instanceof Snapshot s) {
            to.put((byte) 4).putLong(s.nextSequence());
            to.putInt(s.window().size());
            s.window().forEach(b -> to.putLong(b.timeS()).putLong(b.count()).putLong(b.sum()));
            to.putInt(s.averages().size());
            s.averages()
                    .forEach(a -> to.putLong(a.sequence()).putLong(a.value()).putLong(a.timeS()));
            to.putInt(s.sensors().size());
            for (SensorState sensor : s.sensors()) {
                to.putLong(sensor.id()).putLong(sensor.acknowledged()).putLong(sensor.seenS());
                to.putLong(sensor.zeroTimeS()).putLong(sensor.newestTimeS()).putLong(sensor.highest());
                to.putInt(sensor.seen().size());
                sensor.seen().forEach((first, last) -> to.putLong(first).putLong(last));
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
        ByteBuffer from = ByteBuffer.wrap(payload);
        try {
            byte version = from.get();
            if (version != VERSION) {
                throw new IllegalArgumentException("entry of version " + version + ", this program knows " + VERSION);
            }
            long nowS = from.getLong();
            int size = from.getInt();
            List<SpeedRecord> records = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                records.add(read(from));
            }
            return new Decoded(nowS, records);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("entry is too short", e);
        }
    }

    private static SpeedRecord read(ByteBuffer from) {
        byte kind = from.get();
        return switch (kind) {
            case 1 ->
                new Measured(
                        from.getLong(),
                        from.getLong(),
                        from.getLong(),
                        from.getLong(),
                        from.getLong(),
                        from.getLong(),
                        from.getLong());
            case 2 -> new Acknowledged(from.getLong(), from.getLong());
            case 3 -> new Forgotten(from.getLong());
            case 4 -> snapshot(from);
            default -> throw new IllegalArgumentException("record of unknown kind " + kind);
        };
    }

    private static Snapshot snapshot(ByteBuffer from) {
        long next = from.getLong();
        List<Bucket> window = new ArrayList<>();
        for (int i = from.getInt(); i > 0; i--) {
            window.add(new Bucket(from.getLong(), from.getLong(), from.getLong()));
        }
        List<AverageValue> averages = new ArrayList<>();
        for (int i = from.getInt(); i > 0; i--) {
            averages.add(new AverageValue(from.getLong(), from.getLong(), from.getLong()));
        }
        List<SensorState> sensors = new ArrayList<>();
        for (int i = from.getInt(); i > 0; i--) {
            long id = from.getLong();
            long acknowledged = from.getLong();
            long seenS = from.getLong();
            long zeroS = from.getLong();
            long newestS = from.getLong();
            long highest = from.getLong();
            Map<Long, Long> seen = new java.util.TreeMap<>();
            for (int j = from.getInt(); j > 0; j--) {
                seen.put(from.getLong(), from.getLong());
            }
            sensors.add(new SensorState(id, acknowledged, seenS, zeroS, newestS, highest, seen));
        }
        return new Snapshot(next, window, averages, sensors);
    }
}
