package io.bactrian.support.config;

/** Sizes as options of endpoints give them: {@code 4096}, {@code 64k}, {@code 16mb}, {@code 1g}, by powers of 1024. */
public final class ByteSize {
    private ByteSize() {}

    /** Throws IllegalArgumentException that says what would be right. */
    public static long parse(String key, String text) {
        String size = text.trim();
        boolean octets = size.endsWith("b") || size.endsWith("B");
        try {
            return NumberUnit.SIZE.parse(octets ? size.substring(0, size.length() - 1) : size);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + "=" + text + " must be a size like 4096, 64k, 16m or 1g", e);
        }
    }

    /** A size that fits an array. */
    public static int parseInt(String key, String text) {
        long size = parse(key, text);
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(key + "=" + text + " must be below 2g");
        }
        return (int) size;
    }
}
