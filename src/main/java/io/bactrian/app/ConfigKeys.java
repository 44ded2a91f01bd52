package io.bactrian.app;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * All keys that are declared, in the order of the file. The declaration is the commented default file itself: the
 * comment lines right above a key are its meaning and end with its type in square brackets. A line
 * {@code #bactrian.some.key=example}, without a space after the hash, declares a key that is not set by default.
 */
public record ConfigKeys(List<ConfigKey> keys) {
    /** The beginning of every declared key. */
    public static final String PREFIX = "bactrian.";

    private static final int NEAR = 4;

    public ConfigKeys {
        keys = List.copyOf(keys);
    }

    /**
     * Reads the declarations.
     *
     * @param text the content of {@code application.properties}
     * @throws IllegalArgumentException if a key has no meaning or no type, or is declared twice, or its default is wrong
     */
    public static ConfigKeys parse(String text) {
        List<ConfigKey> keys = new ArrayList<>();
        StringBuilder comment = new StringBuilder();
        for (String line : text.lines().map(String::strip).toList()) {
            boolean optional = line.startsWith("#" + PREFIX);
            if (optional || line.startsWith(PREFIX)) {
                ConfigKey key = declaration(optional ? line.substring(1) : line, comment.toString(), !optional);
                if (keys.stream().anyMatch(other -> other.name().equals(key.name()))) {
                    throw new IllegalArgumentException("Key " + key.name() + " is declared twice");
                }
                keys.add(key);
                comment.setLength(0);
            } else if (line.startsWith("#")) {
                comment.append(comment.isEmpty() ? "" : " ")
                        .append(line.substring(1).strip());
            } else {
                comment.setLength(0);
            }
        }
        return new ConfigKeys(keys);
    }

    private static ConfigKey declaration(String line, String comment, boolean set) {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException("No = in the declaration " + line);
        }
        String name = line.substring(0, equals).strip();
        String value = line.substring(equals + 1).strip();
        int open = comment.lastIndexOf('[');
        if (open <= 0 || !comment.endsWith("]")) {
            throw new IllegalArgumentException(
                    "Key " + name + " needs a comment right above it that ends with its type in square brackets");
        }
        String words = comment.substring(open + 1, comment.length() - 1);
        KeyType type = KeyType.parse(words);
        if (value.indexOf('{') < 0) {
            type.wrong(value).ifPresent(right -> {
                throw new IllegalArgumentException("The default of " + name + " is '" + value + "', not " + right);
            });
        }
        return new ConfigKey(name, comment.substring(0, open).strip(), words, type, value, set);
    }

    /** The declaration of a key, empty if there is none. */
    public Optional<ConfigKey> find(String key) {
        // A name says more than a pattern.
        return keys.stream().filter(declared -> declared.matches(key)).min(Comparator.comparing(ConfigKey::isPattern));
    }

    /** The declared key that is most like the wrong one, empty if none is like it. */
    public Optional<String> nearest(String wrong) {
        String best = "";
        int bestDistance = NEAR + 1;
        for (ConfigKey key : keys) {
            int distance = distance(wrong, key.name());
            if (distance < bestDistance) {
                best = key.name();
                bestDistance = distance;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    /** How many letters must be added, removed or changed (Levenshtein), counted row by row. */
    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[b.length()];
    }
}
