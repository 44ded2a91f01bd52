package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the prefixes of a subscription: separated by commas, and taken as they are, blanks too. A lone {@code *} is the empty
 * prefix, which is everything. {@code \\,} is a comma, {@code \\*} an asterisk, {@code \\\\} a backslash, {@code \\xff} an
 * octet.
 */
final class Prefixes {
    private static final String ALL = "*";
    private static final int HEX = 16;

    private Prefixes() {}

    /**
     * The prefixes, with a character for each octet; what is empty between commas is none.
     *
     * @throws IllegalArgumentException if a backslash is followed by anything else
     */
    static List<String> parse(String list) {
        List<String> prefixes = new ArrayList<>();
        StringBuilder prefix = new StringBuilder();
        boolean escaped = false;
        for (int i = 0; i <= list.length(); i++) {
            if (i == list.length() || list.charAt(i) == ',') {
                add(prefixes, prefix, escaped);
                prefix.setLength(0);
                escaped = false;
            } else if (list.charAt(i) == '\\') {
                i = escape(list, i + 1, prefix);
                escaped = true;
            } else {
                int point = list.codePointAt(i);
                prefix.append(octets(Character.toString(point)));
                i += Character.charCount(point) - 1;
            }
        }
        return List.copyOf(prefixes);
    }

    private static void add(List<String> prefixes, StringBuilder prefix, boolean escaped) {
        if (prefix.isEmpty()) {
            return;
        }
        String text = prefix.toString();
        prefixes.add(text.equals(ALL) && !escaped ? "" : text);
    }

    /** Reads what follows a backslash; returns where it ends. */
    private static int escape(String list, int at, StringBuilder prefix) {
        char what = at < list.length() ? list.charAt(at) : ' ';
        switch (what) {
            case ',', '*', '\\' -> prefix.append(what);
            case 'x' -> {
                String digits = list.substring(at + 1, Math.min(list.length(), at + 3));
                if (!digits.matches("[0-9A-Fa-f]{2}")) {
                    throw wrong(list);
                }
                prefix.append((char) Integer.parseInt(digits, HEX));
                return at + 2;
            }
            default -> throw wrong(list);
        }
        return at;
    }

    private static IllegalArgumentException wrong(String list) {
        return new IllegalArgumentException("subscribe=" + list
                + " has a backslash that is not followed by , * \\ or x and two hexadecimal digits");
    }

    private static String octets(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }
}
