package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.HeartbeatReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Exchange;

/** Locations as balancers and workers name them to each other: one in a line, because none has a control character. */
final class Locations {
    private Locations() {}

    /** The locations in the body of a request, at least one; empty if they are none, and then the answer is written. */
    static Optional<Set<String>> of(Exchange exchange) {
        Set<String> locations = new LinkedHashSet<>();
        for (String line : new String(HttpAnswers.body(exchange), StandardCharsets.UTF_8).split("\n", -1)) {
            if (!HeartbeatReader.isLocation(line)) {
                HttpAnswers.message(exchange, HttpAnswers.BAD_REQUEST, "The body must be locations, one in a line.");
                return Optional.empty();
            }
            locations.add(line);
        }
        return Optional.of(locations);
    }
}
