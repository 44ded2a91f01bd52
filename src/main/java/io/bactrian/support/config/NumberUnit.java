package io.bactrian.support.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How numbers are written in the configuration, in options of endpoints and on the command line. */
public enum NumberUnit {
    /** A whole number: {@code 1000}. */
    NUMBER("a whole number") {
        @Override
        public long parse(String text) {
            if (!DIGITS.matcher(text).matches()) {
                throw wrong(text);
            }
            return toLong(text, text);
        }
    },
    /** A time, read as milliseconds: {@code 500ms}, {@code 5s}, {@code 1h30m}, {@code 7d}, {@code 0}. */
    DURATION("a duration such as 500ms, 5s or 1h30m") {
        @Override
        public long parse(String text) {
            if (text.equals("0")) {
                return 0;
            }
            Matcher part = TIME.matcher(text);
            long sum = 0;
            int end = 0;
            while (part.find() && part.start() == end) {
                sum = add(sum, times(toLong(part.group(1), text), milliseconds(part.group(2)), text), text);
                end = part.end();
            }
            if (end == 0 || end != text.length()) {
                throw wrong(text);
            }
            return sum;
        }
    },
    /** An amount of octets: {@code 512}, {@code 64k}, {@code 16m}, {@code 2gb}, by powers of 1024. */
    SIZE("a size such as 512, 64k, 16m or 2g") {
        @Override
        public long parse(String text) {
            Matcher size = OCTETS.matcher(text);
            if (!size.matches()) {
                throw wrong(text);
            }
            return times(toLong(size.group(1), text), octets(size.group(2)), text);
        }
    };

    private static final Pattern DIGITS = Pattern.compile("-?\\d+");
    private static final Pattern TIME = Pattern.compile("(\\d+)(ms|s|m|h|d)");
    private static final Pattern OCTETS = Pattern.compile("(\\d+)([kmgKMG]?)[bB]?");

    private final String noun;

    NumberUnit(String noun) {
        this.noun = noun;
    }

    /** The number that the text stands for, in the smallest unit; {@link IllegalArgumentException} if it is none. */
    public abstract long parse(String text);

    /** The same of an option, whose name is in the message. */
    public long parse(String option, String text) {
        try {
            return parse(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + "=" + text + " must be " + noun, e);
        }
    }

    /** The same of an option that is a number of 31 bits. */
    public int parseInt(String option, String text) {
        long number = parse(option, text);
        if (number > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(option + "=" + text + " must be below 2g");
        }
        return (int) number;
    }

    /** Returns the noun for it in a message. */
    public String noun() {
        return noun;
    }

    IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("Not " + noun + ": " + text);
    }

    long toLong(String digits, String text) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("Not " + noun + ", too large: " + text, e);
        }
    }

    long times(long number, long factor, String text) {
        if (number > Long.MAX_VALUE / factor) {
            throw wrong(text);
        }
        return number * factor;
    }

    long add(long sum, long number, String text) {
        if (sum > Long.MAX_VALUE - number) {
            throw wrong(text);
        }
        return sum + number;
    }

    private static long milliseconds(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 86_400_000;
        };
    }

    private static long octets(String unit) {
        return switch (unit) {
            case "k", "K" -> 1L << 10;
            case "m", "M" -> 1L << 20;
            case "g", "G" -> 1L << 30;
            default -> 1;
        };
    }
}
