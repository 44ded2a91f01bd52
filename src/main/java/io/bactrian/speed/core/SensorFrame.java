package io.bactrian.speed.core;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A frame of a sensor: UTF-8 fields with commas between them. */
public sealed interface SensorFrame {
    /** Values are kept in millionths, exactly. */
    long SCALE = 1_000_000;

    int BYTES_MAX = 200;

    /**
     * {@code id,seq,Speed,value,ts}.
     *
     * @param value in millionths
     * @param timeS when it was measured, in seconds since 1970
     */
    record Speed(long sensor, long sequence, long value, long timeS) implements SensorFrame {}

    /** {@code id,serverSeq,Average,value,ts}: the sensor has this Average. */
    record Acknowledgement(long sensor, long serverSequence) implements SensorFrame {}

    /** A frame that is not understood; {@code cause} is one word. */
    record Bad(String cause) implements SensorFrame {}

    /** Digits, with a fraction of up to six; the integer part is below a million. */
    Pattern DECIMAL = Pattern.compile("([+-]?)([0-9]{1,6})(?:\\.([0-9]{0,6})[0-9]{0,20})?");

    Pattern NATURAL = Pattern.compile("[0-9]{1,18}");

    /** Reads a frame; whatever it holds, it never throws. */
    static SensorFrame parse(byte[] frame) {
        if (frame.length > BYTES_MAX) {
            return new Bad("long");
        }
        String[] fields = new String(frame, StandardCharsets.UTF_8).split(",", -1);
        if (fields.length != 5) {
            return new Bad("fields");
        }
        for (String number : List.of(fields[0], fields[1], fields[4])) {
            if (!NATURAL.matcher(number).matches()) {
                return new Bad("number");
            }
        }
        long sensor = Long.parseLong(fields[0]);
        long sequence = Long.parseLong(fields[1]);
        Matcher value = DECIMAL.matcher(fields[3]);
        if (!value.matches()) {
            return new Bad("value");
        }
        return switch (fields[2]) {
            case "Speed" -> new Speed(sensor, sequence, millionths(value), Long.parseLong(fields[4]));
            case "Average" -> new Acknowledgement(sensor, sequence);
            default -> new Bad("type");
        };
    }

    private static long millionths(Matcher value) {
        String fraction = value.group(3) == null ? "" : value.group(3);
        long scaled = Long.parseLong(value.group(2)) * SCALE + Long.parseLong((fraction + "000000").substring(0, 6));
        return "-".equals(value.group(1)) ? -scaled : scaled;
    }

    /** {@code serverSeq,Average,value,ts}. */
    static byte[] average(long sequence, long value, long timeS) {
        return (sequence + ",Average," + value + "," + timeS).getBytes(StandardCharsets.UTF_8);
    }
}
