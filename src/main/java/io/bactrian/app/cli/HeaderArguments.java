package io.bactrian.app.cli;

import io.bactrian.pubsub.client.BactrianHeaderFilterStrategy;
import io.bactrian.wire.Headers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.spi.HeaderFilterStrategy;

/** The headers of a command line, each as {@code NAME=VALUE}: each crosses the wire as it is given, or all are refused. */
final class HeaderArguments {
    private static final HeaderFilterStrategy STRATEGY = new BactrianHeaderFilterStrategy();

    private HeaderArguments() {}

    /**
     * The headers by name.
     *
     * @throws IllegalArgumentException if one has no name or no value, cannot cross the wire, would be dropped by a Camel route on
     *     its way, or is given twice, also in another case, as a Camel route takes those for one
     */
    static Map<String, String> parse(List<String> arguments) {
        Map<String, String> headers = new LinkedHashMap<>();
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (String argument : arguments) {
            int at = argument.indexOf('=');
            if (at < 0) {
                throw new IllegalArgumentException("'" + argument + "' has no value, which is NAME=VALUE");
            }
            String name = argument.substring(0, at);
            String value = argument.substring(at + 1);
            if (name.codePoints().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("a name must not hold control characters");
            }
            if (STRATEGY.applyFilterToCamelHeaders(name, value, null)) {
                throw new IllegalArgumentException("'" + name
                        + "' is not a name that crosses: those of Camel and credentials of HTTP are dropped by routes");
            }
            if (!names.add(name)) {
                throw new IllegalArgumentException("'" + name + "' is given twice; a message has each name once");
            }
            headers.put(name, value);
        }
        Headers.pack(headers);
        return headers;
    }
}
