package io.bactrian.support.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/**
 * Reads the properties of one capability from a context and collects every problem, so that one message tells all that is wrong.
 * A wrong value is replaced by one that is right, and {@link #check} throws. For one thread.
 */
public final class SettingsReader {
    public static final int PORT_MAX = 65_535;

    private final CamelContext context;
    private final String subject;
    private final String prefix;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> unresolved = new HashSet<>();

    /**
     * Reads keys that begin with a prefix.
     *
     * @param subject whose configuration it is, as the message names it: {@code the hub}
     * @param prefix the beginning of each key, such as {@code bactrian.gateway.}; empty if keys are given whole
     */
    public SettingsReader(CamelContext context, String subject, String prefix) {
        this.context = context;
        this.subject = subject;
        this.prefix = prefix;
    }

    /** The value without spaces around it; empty if it cannot be resolved, which is one of the problems. */
    public String text(String key) {
        return resolve(prefix + key);
    }

    /** The folder of all data. */
    public String data() {
        return resolve("bactrian.data");
    }

    private String resolve(String property) {
        try {
            return context.resolvePropertyPlaceholders("{{" + property + "}}").strip();
        } catch (IllegalArgumentException e) {
            if (unresolved.add(property)) {
                problems.add(property + " cannot be resolved: " + e.getMessage());
            }
            return "";
        }
    }

    /** The parts between commas that are not blank. */
    public List<String> list(String key) {
        return Arrays.stream(text(key).split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    /** A text of a form, which {@code right} describes as a noun phrase. */
    public String matching(String key, Pattern form, String right) {
        String text = text(key);
        return form.matcher(text).matches() ? text : wrong(key, text, right, text);
    }

    public boolean isTrue(String key) {
        String text = text(key);
        return text.equals("true") || (!text.equals("false") && wrong(key, text, "true or false", false));
    }

    /** The constant whose name this is, in letters of any case. */
    public <E extends Enum<E>> E oneOf(String key, Class<E> type) {
        String text = text(key);
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text)) {
                return constant;
            }
            names.add(constant.name().toLowerCase(Locale.ROOT));
        }
        return wrong(key, text, "one of " + String.join(", ", names), type.getEnumConstants()[0]);
    }

    public int number(String key, int min) {
        return number(key, min, Integer.MAX_VALUE);
    }

    public int number(String key, int min, int max) {
        return (int) number(key, (long) min, max);
    }

    public long number(String key, long min, long max) {
        String right =
                max >= Integer.MAX_VALUE ? "a number of at least " + min : "a whole number from " + min + " to " + max;
        return quantity(key, NumberUnit.NUMBER, min, max, right);
    }

    /** Above 0. */
    public Duration duration(String key) {
        return Duration.ofMillis(
                quantity(key, NumberUnit.DURATION, 1, Long.MAX_VALUE, NumberUnit.DURATION.noun() + ", above 0"));
    }

    public Duration durationOrZero(String key) {
        return Duration.ofMillis(quantity(key, NumberUnit.DURATION, 0, Long.MAX_VALUE, NumberUnit.DURATION.noun()));
    }

    public long size(String key, long min, long max) {
        String right = "a size from " + min + " to " + max + " octets, such as 64k, 16m or 1g";
        return quantity(key, NumberUnit.SIZE, min, max, right);
    }

    private long quantity(String key, NumberUnit unit, long min, long max, String right) {
        String text = text(key);
        long number;
        try {
            number = unit.parse(text);
        } catch (IllegalArgumentException e) {
            return wrong(key, text, right, min);
        }
        return number >= min && number <= max ? number : wrong(key, text, right, min);
    }

    /** ZeroMQ addresses, with commas between them. */
    public String address(String key) {
        String text = text(key);
        boolean right = Arrays.stream(text.split(",", -1)).allMatch(ZeroMqAddress::isAddress);
        return right ? text : wrong(key, text, ZeroMqAddress.NOUN, text);
    }

    /**
     * Reads the last value, whose parts may be refused together.
     *
     * @throws SettingsException if there was a problem with this or any other value
     */
    public <T> T last(String key, Supplier<T> maker) {
        T made;
        try {
            made = maker.get();
        } catch (IllegalArgumentException e) {
            problems.add(prefix + key + ": " + e.getMessage());
            throw complaint();
        }
        check();
        return made;
    }

    /** Notes the keys with this beginning that somebody has set and that are not among these. */
    public void unknownKeys(String beginning, Set<String> known) {
        context.getPropertiesComponent().loadProperties(key -> key.startsWith(beginning)).stringPropertyNames().stream()
                .filter(key -> !known.contains(key))
                .sorted()
                .forEach(key -> problems.add(key + " is not a key of Bactrian"));
    }

    /** Notes that a value must be something else, a noun phrase; returns what stands in for it. */
    public <T> T wrong(String key, String text, String right, T instead) {
        return refuse(key, text, "must be " + right, instead);
    }

    /** Notes what a value breaks, a rule that begins with "must"; returns what stands in for it. */
    public <T> T refuse(String key, String text, String rule, T instead) {
        if (!unresolved.contains(prefix + key)) {
            problems.add(prefix + key + "=" + text + " " + rule);
        }
        return instead;
    }

    /** Throws {@link SettingsException} with all problems if there is one, and forgets them. */
    public void check() {
        if (!problems.isEmpty()) {
            throw complaint();
        }
    }

    private SettingsException complaint() {
        String all = "The configuration of " + subject + " is wrong:\n  " + String.join("\n  ", problems);
        problems.clear();
        unresolved.clear();
        return new SettingsException(all);
    }
}
