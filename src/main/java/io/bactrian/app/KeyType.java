package io.bactrian.app;

import io.bactrian.support.config.NumberUnit;
import io.bactrian.support.config.ZeroMqAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The form that the value of a key must have, as the words in square brackets at the end of the key's comment say:
 * {@code text}, {@code list}, {@code folder}, {@code file}, {@code host}, {@code address}, {@code number 1..10},
 * {@code duration 100ms..1h}, {@code size 1k..1g} (ranges can be left out), or the words themselves: {@code a|b|c}.
 * {@code or empty} after any of them allows no value.
 */
public sealed interface KeyType {
    /** What would be right, as a noun phrase, if the value is wrong; empty if it is right. */
    Optional<String> wrong(String value);

    /**
     * Reads the words.
     *
     * @throws IllegalArgumentException if they are none of the above
     */
    static KeyType parse(String words) {
        String text = words.strip();
        if (text.endsWith(" or empty")) {
            return new Maybe(parse(text.substring(0, text.length() - " or empty".length())));
        }
        if (text.indexOf('|') >= 0) {
            return new OneOf(List.of(text.split("\\|")));
        }
        String[] parts = text.split(" ", 2);
        Optional<Range> range = parts.length == 1 ? Optional.empty() : Optional.of(Range.parse(parts[1]));
        return switch (parts[0]) {
            case "text", "list", "folder", "file" -> new Text(parts[0]);
            case "host" -> new Host();
            case "address" -> new Address();
            case "number" -> new Quantity(NumberUnit.NUMBER, range);
            case "duration" -> new Quantity(NumberUnit.DURATION, range);
            case "size" -> new Quantity(NumberUnit.SIZE, range);
            default -> throw new IllegalArgumentException("Unknown type of a key: [" + words + "]");
        };
    }

    /** Anything that the other type takes, or nothing. */
    record Maybe(KeyType type) implements KeyType {
        @Override
        public Optional<String> wrong(String value) {
            return value.isEmpty() ? Optional.empty() : type.wrong(value).map(right -> right + ", or nothing");
        }
    }

    /** Any text but none. */
    record Text(String noun) implements KeyType {
        @Override
        public Optional<String> wrong(String value) {
            return value.isBlank() ? Optional.of("a " + noun) : Optional.empty();
        }
    }

    /** One of some words. */
    record OneOf(List<String> words) implements KeyType {
        public OneOf {
            words = List.copyOf(words);
        }

        @Override
        public Optional<String> wrong(String value) {
            return words.contains(value) ? Optional.empty() : Optional.of("one of " + String.join(", ", words));
        }
    }

    /** A host name or IP address. */
    record Host() implements KeyType {
        private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|\\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*]?");

        @Override
        public Optional<String> wrong(String value) {
            return HOST.matcher(value).matches() ? Optional.empty() : Optional.of("a host name or an IP address");
        }
    }

    /** ZeroMQ addresses, separated by commas. */
    record Address() implements KeyType {
        private static final Pattern SERVICE = Pattern.compile("registry:[^/,\\s]{1,128}(/[A-Za-z0-9_.-]{1,64})?");

        @Override
        public Optional<String> wrong(String value) {
            for (String address : value.split(",", -1)) {
                boolean right = ZeroMqAddress.isAddress(address)
                        || SERVICE.matcher(address).matches();
                if (!right) {
                    return Optional.of(ZeroMqAddress.NOUN + ", or registry:SERVICE");
                }
            }
            return Optional.empty();
        }
    }

    /** A number with a unit, perhaps within bounds. */
    record Quantity(NumberUnit unit, Optional<Range> range) implements KeyType {
        public Quantity {
            range.ifPresent(r -> {
                if (unit.parse(r.from()) > unit.parse(r.to())) {
                    throw new IllegalArgumentException("The range " + r + " is empty");
                }
            });
        }

        @Override
        public Optional<String> wrong(String value) {
            String right = unit.noun()
                    + range.map(r -> " from " + r.from() + " to " + r.to()).orElse("");
            long number;
            try {
                number = unit.parse(value);
            } catch (IllegalArgumentException e) {
                return Optional.of(right);
            }
            boolean within = range.map(r -> number >= unit.parse(r.from()) && number <= unit.parse(r.to()))
                    .orElse(true);
            return within ? Optional.empty() : Optional.of(right);
        }
    }

    /** Both ends are included, and written in the unit. */
    record Range(String from, String to) {
        static Range parse(String words) {
            String[] ends = words.split("\\.\\.", -1);
            if (ends.length != 2) {
                throw new IllegalArgumentException("A range is written as 1..10, not " + words);
            }
            return new Range(ends[0].strip(), ends[1].strip());
        }
    }
}
