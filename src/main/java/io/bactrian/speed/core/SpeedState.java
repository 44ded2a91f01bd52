package io.bactrian.speed.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of the speed-limit server, made of its log: the window of the last seconds, the Averages that somebody still
 * needs, and what is known of each sensor. The active makes records of what it hears and applies them; the passive, and a
 * start, apply the same records and get the same state. One thread.
 */
public final class SpeedState {
    /** A Speed that is exactly so old counts. */
    public static final long WINDOW_S = 5;

    private static final class Sensor {
        private long acknowledged;
        private long seenS;
        private long zeroTimeS = -1;
        private long newestTimeS = -1;
        private long highest = -1;
        private SequenceSet seen = new SequenceSet();
    }

    private final SpeedSettings settings;
    private final TreeMap<Long, long[]> window = new TreeMap<>();
    private final TreeMap<Long, SpeedRecord.AverageValue> averages = new TreeMap<>();
    private final Map<Long, Sensor> sensors = new HashMap<>();
    private long nextSequence;
    private long skipped;

    public SpeedState(SpeedSettings settings) {
        this.settings = settings;
    }

    /** The verdict on a Speed. */
    public enum Verdict {
        /** It is new: there is a record of it. */
        NEW,
        /** It was logged before: it is acknowledged again, and counts once. */
        DUPLICATE,
        /** There are as many sensors as there may be. */
        TOO_MANY_SENSORS
    }

    /** How a Speed is to be treated. */
    public Verdict judge(SensorFrame.Speed speed) {
        Sensor sensor = sensors.get(speed.sensor());
        if (sensor == null) {
            return sensors.size() < settings.sensorsMax() ? Verdict.NEW : Verdict.TOO_MANY_SENSORS;
        }
        return sensor.seen.contains(speed.sequence()) && !isNewLife(sensor, speed.sequence(), speed.timeS())
                ? Verdict.DUPLICATE
                : Verdict.NEW;
    }

    // A sensor that was started again counts from 0 again, later than it measured anything before.
    private static boolean isNewLife(Sensor sensor, long sequence, long timeS) {
        return sequence == 0 ? sensor.zeroTimeS >= 0 && timeS != sensor.zeroTimeS : timeS > sensor.newestTimeS;
    }

    /** The record of a new Speed; it is to be applied before the next one is judged. */
    public SpeedRecord.Measured measured(SensorFrame.Speed speed, long nowS) {
        // A clock that is ahead must not keep a value in the window for longer than others.
        long countsS = Math.min(speed.timeS(), nowS);
        boolean old = countsS < nowS - WINDOW_S;
        long count = old ? 0 : 1;
        long sum = old ? 0 : speed.value();
        for (long[] bucket : window.subMap(nowS - WINDOW_S, true, nowS, true).values()) {
            count += bucket[0];
            sum += bucket[1];
        }
        boolean none = count == 0;
        return new SpeedRecord.Measured(
                speed.sensor(),
                speed.sequence(),
                speed.value(),
                speed.timeS(),
                countsS,
                none ? -1 : nextSequence,
                none ? 0 : sum / count / SensorFrame.SCALE);
    }

    /** The record of an acknowledgement; null if it is of an unknown sensor, or of an Average that was never made. */
    public SpeedRecord.@Nullable Acknowledged acknowledged(SensorFrame.Acknowledgement frame) {
        Sensor sensor = sensors.get(frame.sensor());
        return sensor == null || frame.serverSequence() >= nextSequence
                ? null
                : new SpeedRecord.Acknowledged(frame.sensor(), frame.serverSequence());
    }

    /** Sensors that have been silent for too long. */
    public List<SpeedRecord> idle(long nowS) {
        List<SpeedRecord> gone = new ArrayList<>();
        sensors.forEach((id, sensor) -> {
            if (nowS - sensor.seenS > settings.idleS()) {
                gone.add(new SpeedRecord.Forgotten(id));
            }
        });
        return gone;
    }

    /** Applies an entry of the log. */
    public void apply(SpeedRecord.Decoded entry) {
        entry.records().forEach(record -> apply(entry.nowS(), record));
    }

    /** Applies one record that was made at a second. */
    public void apply(long nowS, SpeedRecord record) {
        if (record instanceof SpeedRecord.Measured measured) {
            apply(nowS, measured);
        } else if (record instanceof SpeedRecord.Acknowledged acknowledged) {
            Sensor sensor = sensors.get(acknowledged.sensor());
            if (sensor != null) {
                sensor.seenS = nowS;
                if (acknowledged.serverSequence() > sensor.acknowledged) {
                    sensor.acknowledged = acknowledged.serverSequence();
                }
            }
        } else if (record instanceof SpeedRecord.Forgotten forgotten) {
            sensors.remove(forgotten.sensor());
        } else if (record instanceof SpeedRecord.Snapshot snapshot) {
            restore(snapshot);
        }
    }

    private void apply(long nowS, SpeedRecord.Measured measured) {
        Sensor sensor = sensors.get(measured.sensor());
        if (sensor == null) {
            sensor = new Sensor();
            // So that its first Average is the one that its first Speed makes.
            sensor.acknowledged = (measured.serverSequence() < 0 ? nextSequence : measured.serverSequence()) - 1;
            sensors.put(measured.sensor(), sensor);
        } else if (sensor.seen.contains(measured.sequence())) {
            sensor.seen = new SequenceSet();
            sensor.newestTimeS = -1;
            sensor.highest = -1;
            sensor.zeroTimeS = -1;
        }
        sensor.seen.add(measured.sequence());
        sensor.seenS = nowS;
        sensor.newestTimeS = Math.max(sensor.newestTimeS, measured.sensorTimeS());
        sensor.highest = Math.max(sensor.highest, measured.sequence());
        if (measured.sequence() == 0) {
            sensor.zeroTimeS = measured.sensorTimeS();
        }
        if (measured.timeS() >= nowS - WINDOW_S) {
            long[] bucket = window.computeIfAbsent(measured.timeS(), key -> new long[2]);
            bucket[0]++;
            bucket[1] += measured.value();
        }
        window.headMap(nowS - WINDOW_S, false).clear();
        window.tailMap(nowS + WINDOW_S, false).clear();
        if (measured.serverSequence() >= 0) {
            nextSequence = measured.serverSequence() + 1;
            averages.put(
                    measured.serverSequence(),
                    new SpeedRecord.AverageValue(measured.serverSequence(), measured.average(), nowS));
            if (averages.size() > settings.averagesMax()) {
                averages.pollFirstEntry();
                skipped++;
            }
        }
    }

    /** Deletes Averages that every sensor has acknowledged. Both nodes may do it at any time. */
    public void trim() {
        long lowest = nextSequence - 1;
        for (Sensor sensor : sensors.values()) {
            lowest = Math.min(lowest, sensor.acknowledged);
        }
        averages.headMap(lowest, true).clear();
    }

    /** The Averages above a number that are kept, in order, at most so many. */
    public List<SpeedRecord.AverageValue> averagesAbove(long sequence, long upTo, int max) {
        List<SpeedRecord.AverageValue> found = new ArrayList<>();
        if (sequence >= upTo) {
            return found;
        }
        for (SpeedRecord.AverageValue value :
                averages.subMap(sequence, false, upTo, true).values()) {
            if (found.size() == max) {
                break;
            }
            found.add(value);
        }
        return found;
    }

    /** The last Average that a sensor has acknowledged; the newest if it is not known. */
    public long acknowledgedBy(long id) {
        Sensor sensor = sensors.get(id);
        return sensor == null ? nextSequence - 1 : sensor.acknowledged;
    }

    /** The newest Average's number, -1 if there is none. */
    public long newest() {
        return nextSequence - 1;
    }

    public int sensors() {
        return sensors.size();
    }

    public int averages() {
        return averages.size();
    }

    /** Averages that were given up because a sensor did not acknowledge them for too long. */
    public long skipped() {
        return skipped;
    }

    /** The average speed of the window at a second, in millionths; -1 if nothing was measured. */
    public long average(long nowS) {
        long count = 0;
        long sum = 0;
        for (long[] bucket : window.subMap(nowS - WINDOW_S, true, nowS, true).values()) {
            count += bucket[0];
            sum += bucket[1];
        }
        return count == 0 ? -1 : sum / count;
    }

    /** The whole state. */
    public SpeedRecord.Snapshot snapshot() {
        List<SpeedRecord.Bucket> buckets = new ArrayList<>();
        window.forEach((timeS, bucket) -> buckets.add(new SpeedRecord.Bucket(timeS, bucket[0], bucket[1])));
        List<SpeedRecord.SensorState> states = new ArrayList<>();
        sensors.forEach((id, s) -> states.add(new SpeedRecord.SensorState(
                id, s.acknowledged, s.seenS, s.zeroTimeS, s.newestTimeS, s.highest, new TreeMap<>(s.seen.ranges()))));
        states.sort(Comparator.comparing(SpeedRecord.SensorState::id));
        return new SpeedRecord.Snapshot(nextSequence, buckets, List.copyOf(averages.values()), states);
    }

    private void restore(SpeedRecord.Snapshot snapshot) {
        nextSequence = snapshot.nextSequence();
        window.clear();
        averages.clear();
        sensors.clear();
        snapshot.window().forEach(b -> window.put(b.timeS(), new long[] {b.count(), b.sum()}));
        snapshot.averages().forEach(a -> averages.put(a.sequence(), a));
        for (SpeedRecord.SensorState state : snapshot.sensors()) {
            Sensor sensor = new Sensor();
            sensor.acknowledged = state.acknowledged();
            sensor.seenS = state.seenS();
            sensor.zeroTimeS = state.zeroTimeS();
            sensor.newestTimeS = state.newestTimeS();
            sensor.highest = state.highest();
            state.seen().forEach(sensor.seen::addRange);
            sensors.put(state.id(), sensor);
        }
    }
}
