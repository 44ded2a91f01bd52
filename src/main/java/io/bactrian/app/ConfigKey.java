package io.bactrian.app;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A key of the configuration, as {@code config/application.properties} declares it.
 *
 * @param name such as {@code bactrian.data}; a part in angle brackets stands for any text, as in
 *     {@code bactrian.topic.<topic>.retention}
 * @param meaning the sentences of the comment above it
 * @param typeWords the words in square brackets that end the comment
 * @param type the same, as a check
 * @param value the default, or an example if the key is not set by default
 * @param set whether the key is set by default
 */
public record ConfigKey(String name, String meaning, String typeWords, KeyType type, String value, boolean set) {
    /** Whether the name has a part that stands for any text. */
    public boolean isPattern() {
        return name.indexOf('<') >= 0;
    }

    /** Whether a key in a file or on the command line is this one. */
    public boolean matches(String key) {
        if (!isPattern()) {
            return name.equals(key);
        }
        String expression =
                Stream.of(name.split("<[^>]*>", -1)).map(Pattern::quote).collect(Collectors.joining(".+"));
        return Pattern.matches(expression, key);
    }
}
