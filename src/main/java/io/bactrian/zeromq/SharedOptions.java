package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.SocketSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The options of a socket that an endpoint sets itself. Endpoints that share a socket take from each other what they do not
 * set, so that each option is said once. What concerns security is taken as a whole, or not at all: half of one endpoint's
 * security with half of another's would be neither.
 */
final class SharedOptions {
    static final SharedOptions NONE = new SharedOptions(Map.of());

    /** What tells sockets apart, and what also has a meaning for the endpoint alone. */
    private static final Set<String> NOT_SHARED = Set.of("kind", "addresses", "socketName", "xpubManual");

    private static final Set<String> NAMES =
            SocketSettings.names().filter(name -> !NOT_SHARED.contains(name)).collect(Collectors.toUnmodifiableSet());

    private final Map<String, Object> options;

    private SharedOptions(Map<String, Object> options) {
        this.options = options;
    }

    /** Those among the parameters of an endpoint. */
    static SharedOptions of(Map<String, Object> parameters) {
        Map<String, Object> shared = new LinkedHashMap<>();
        parameters.forEach((name, value) -> {
            if (NAMES.contains(name) || isSecurity(name)) {
                shared.put(name, value);
            }
        });
        return new SharedOptions(shared);
    }

    /** These, and of the others those that are not set here. */
    SharedOptions orElse(SharedOptions others) {
        Map<String, Object> all = new LinkedHashMap<>(options);
        boolean secured = options.keySet().stream().anyMatch(SharedOptions::isSecurity);
        others.options.forEach((name, value) -> {
            if (!secured || !isSecurity(name)) {
                all.putIfAbsent(name, value);
            }
        });
        return new SharedOptions(all);
    }

    /** Those that the former does not set. */
    Map<String, Object> without(SharedOptions former) {
        Map<String, Object> more = new LinkedHashMap<>(options);
        more.keySet().removeAll(former.options.keySet());
        return more;
    }

    private static boolean isSecurity(String name) {
        return name.startsWith("security")
                || (name.startsWith("curve") && !name.equals("curveBacklogBytes"))
                || name.startsWith("plain")
                || name.equals("zapDomain");
    }
}
