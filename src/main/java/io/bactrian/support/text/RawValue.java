package io.bactrian.support.text;

import java.util.regex.Pattern;

/**
 * A text as the value of an option in a Camel URI, taken as it is. Camel has two forms for that, {@code RAW(...)} and
 * {@code RAW{...}}; each ends for some of its steps at the first bracket of its own kind, and what follows there is decoded. In
 * both, {@code %25} becomes a percent sign, {@code $simple{...}} is evaluated, and line breaks are left out.
 */
public final class RawValue {
    private static final Pattern CHANGED = Pattern.compile("%25|\\$simple\\{|[\\n\\r]");

    private RawValue() {}

    /**
     * Quotes a text.
     *
     * @throws IllegalArgumentException if neither form would keep it
     */
    public static String of(String text) {
        if (CHANGED.matcher(text).find()) {
            throw new IllegalArgumentException("'" + text.replaceAll("\\R", "\\\\n")
                    + "' cannot be an option of a Camel URI: choose a name without %25, $simple{ and line breaks");
        }
        if (text.indexOf(')') < 0) {
            return "RAW(" + text + ")";
        }
        if (text.indexOf('}') < 0) {
            return "RAW{" + text + "}";
        }
        throw new IllegalArgumentException(
                text
                        + " cannot be an option of a Camel URI, as it has both ) and }: choose a name with at most one of them");
    }
}
