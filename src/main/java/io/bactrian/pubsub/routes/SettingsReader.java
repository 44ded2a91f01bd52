package io.bactrian.pubsub.routes;

import io.bactrian.pubsub.core.RetentionRules;
import io.bactrian.support.config.NumberUnit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.util.TimeUtils;

/** Reads properties of a context and collects every problem, so that a wrong configuration is told at once and whole. */
final class SettingsReader {
    private static final Pattern TCP =
            Pattern.compile("tcp://(?:[A-Za-z0-9._-]+|\\*|\\[[0-9A-Fa-f:.]+(?:%\\w+)?]):(\\*|\\d{1,5})");
    private static final Pattern LOCAL = Pattern.compile("(ipc|inproc)://\\S+");
    private static final int PORT_MAX = 65_535;

    private final CamelContext context;
    private final Properties defaults = HubPlugin.defaults();
    private final List<String> problems = new ArrayList<>();

    SettingsReader(CamelContext context) {
        this.context = context;
    }

    String text(String key) {
        try {
            return context.resolvePropertyPlaceholders("{{" + key + "}}").strip();
        } catch (IllegalArgumentException e) {
            problems.add(key + " cannot be resolved: " + e.getMessage());
            return defaults.getProperty(key, "");
        }
    }

    /**
     * Reads the last value, whose parts may be refused together.
     *
     * @throws IllegalArgumentException if there was a problem with this or any other value
     */
    <T> T last(String key, Supplier<T> supplier) {
        T value;
        try {
            value = supplier.get();
        } catch (IllegalArgumentException e) {
            problems.add(key + ": " + e.getMessage());
            throw complaint();
        }
        if (!problems.isEmpty()) {
            throw complaint();
        }
        return value;
    }

    /** ZeroMQ addresses, separated by commas. */
    String address(String key) {
        String text = text(key);
        for (String address : text.split(",", -1)) {
            Matcher tcp = TCP.matcher(address);
            if (tcp.matches()
                    ? port(tcp.group(1)) > PORT_MAX
                    : !LOCAL.matcher(address).matches()) {
                wrong(key, text, "a ZeroMQ address such as tcp://127.0.0.1:5570 or ipc:///tmp/hub", "");
                return text;
            }
        }
        return text;
    }

    private static int port(String text) {
        return text.equals("*") ? 0 : Integer.parseInt(text);
    }

    /** Notes the keys with this beginning that somebody has set and nobody reads. */
    void unknownKeys(String beginning) {
        context.getPropertiesComponent().loadProperties(key -> key.startsWith(beginning)).stringPropertyNames().stream()
                .filter(key -> !defaults.containsKey(key))
                .sorted()
                .forEach(key -> problems.add(key + " is not a key of Bactrian"));
    }

    Duration durationOrZero(String key) {
        return text(key).equals("0") ? Duration.ZERO : duration(key);
    }

    Duration duration(String key) {
        String text = text(key);
        try {
            long ms = TimeUtils.toMilliSeconds(text);
            if (ms > 0) {
                return Duration.ofMillis(ms);
            }
        } catch (IllegalArgumentException e) {
            return wrong(key, text, "a duration such as 500ms, 5s or 1h30m", Duration.ofSeconds(1));
        }
        return wrong(key, text, "a duration above 0", Duration.ofSeconds(1));
    }

    long size(String key, long min, long max) {
        String text = text(key);
        long size = parseSize(text);
        return size < min || size > max
                ? wrong(key, text, "a size from " + min + " to " + max + " octets, such as 64k, 16m or 1g", min)
                : size;
    }

    private static long parseSize(String text) {
        try {
            return NumberUnit.SIZE.parse(text);
        } catch (IllegalArgumentException e) {
            return -1;
        }
    }

    int number(String key) {
        return number(key, 1);
    }

    int number(String key, int min) {
        String text = text(key);
        try {
            int number = Integer.parseInt(text);
            if (number >= min) {
                return number;
            }
        } catch (NumberFormatException e) {
            return wrong(key, text, "a whole number", min);
        }
        return wrong(key, text, "a number of at least " + min, min);
    }

    <E extends Enum<E>> E oneOf(String key, Class<E> type) {
        String text = text(key);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text)) {
                return constant;
            }
        }
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            names.add(constant.name().toLowerCase(Locale.ROOT));
        }
        return wrong(key, text, "one of " + String.join(", ", names), type.getEnumConstants()[0]);
    }

    boolean isTrue(String key) {
        String text = text(key);
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true");
        }
        return wrong(key, text, "true or false", false);
    }

    /** {@code prefix = age, bytes; ...}: rules of topics that begin with a prefix. */
    Map<String, RetentionRules.Rule> rules(String key) {
        Map<String, RetentionRules.Rule> rules = new LinkedHashMap<>();
        for (String part : text(key).split(";", -1)) {
            if (part.isBlank()) {
                continue;
            }
            String[] halves = part.split("=", 2);
            String[] limits = halves.length == 2 ? halves[1].split(",", -1) : new String[0];
            long bytes = limits.length == 2 ? parseSize(limits[1].strip()) : -1;
            if (bytes < 0) {
                wrong(key, part.strip(), "prefix=age,bytes such as alarms/=30d,1g", rules);
                continue;
            }
            try {
                rules.put(
                        halves[0].strip(),
                        new RetentionRules.Rule(Duration.ofMillis(TimeUtils.toMilliSeconds(limits[0].strip())), bytes));
            } catch (IllegalArgumentException e) {
                wrong(key, part.strip(), "prefix=age,bytes such as alarms/=30d,1g", rules);
            }
        }
        return rules;
    }

    private <T> T wrong(String key, String text, String right, T instead) {
        problems.add(key + "=" + text + " must be " + right);
        return instead;
    }

    private IllegalArgumentException complaint() {
        return new IllegalArgumentException(
                "The configuration of the hub is wrong:\n  " + String.join("\n  ", problems));
    }
}
