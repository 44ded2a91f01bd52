package io.bactrian.app;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Resolves {@code {{key}}} and {@code {{key:default}}} as Camel does; its functions such as {@code {{env:X}}} stay. */
record Placeholders(Function<String, Optional<String>> lookup) {
    private static final Pattern REFERENCE = Pattern.compile("\\{\\{([^{}:]+)(?::([^{}]*))?}}");
    private static final Pattern FUNCTION = Pattern.compile("env|sys|service|bean|language");
    private static final int DEPTH_MAX = 10;

    /** The resolved text; {@link IllegalArgumentException} if it refers to a key that is not set, or to itself. */
    String resolve(String text) {
        String resolved = text;
        for (int depth = 0; depth < DEPTH_MAX; depth++) {
            String next = resolveOnce(resolved);
            if (next.equals(resolved)) {
                return resolved;
            }
            resolved = next;
        }
        throw new IllegalArgumentException("it refers to itself");
    }

    private String resolveOnce(String text) {
        Matcher reference = REFERENCE.matcher(text);
        StringBuilder resolved = new StringBuilder();
        while (reference.find()) {
            String name = reference.group(1);
            String fallback = reference.group(2);
            boolean function = fallback != null && FUNCTION.matcher(name).matches();
            String value = function ? reference.group() : value(name, fallback);
            if (!function && value.equals(reference.group())) {
                throw new IllegalArgumentException("it refers to itself");
            }
            reference.appendReplacement(resolved, Matcher.quoteReplacement(value));
        }
        return reference.appendTail(resolved).toString();
    }

    private String value(String name, @Nullable String fallback) {
        Optional<String> value = lookup.apply(name);
        if (value.isPresent()) {
            return value.get();
        }
        if (fallback == null) {
            throw new IllegalArgumentException("it refers to " + name + ", which is not set");
        }
        return fallback;
    }
}
