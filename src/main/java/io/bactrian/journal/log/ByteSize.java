package io.bactrian.journal.log;

import java.util.Locale;

/** Sizes as options give them: {@code 4096}, {@code 64k}, {@code 16m}, {@code 1g}, by powers of 1024. */
public final class ByteSize {
    private ByteSize() {}

    /** Throws IllegalArgumentException that says what would be right. */
    public static long parse(String key, String text) {
        String size = text.trim().toLowerCase(Locale.ROOT);
        if (!size.matches("[0-9]{1,15}[kmg]?b?")) {
            throw new IllegalArgumentException(key + "=" + text + " must be a size like 4096, 64k, 16m or 1g");
        }
        String number = size.replaceAll("[^0-9]", "");
        String unit = size.substring(number.length());
        int shift = unit.startsWith("k") ? 10 : unit.startsWith("m") ? 20 : unit.startsWith("g") ? 30 : 0;
        return Math.multiplyExact(Long.parseLong(number), 1L << shift);
    }

    public static int parseInt(String key, String text) {
        long size = parse(key, text);
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(key + "=" + text + " must be below 2g");
        }
        return (int) size;
    }
}
