package io.bactrian.gateway.routes;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * Lets in only the HTTP headers that the gateway reads, and no parameter of a query becomes a header of a message. Out go only
 * those that the gateway writes. So no request sets a Camel header, and no answer repeats what was asked.
 */
final class GatewayHeaders implements HeaderFilterStrategy {
    /** For how many milliseconds from its request on a worker has a lease. */
    static final String LEASE = "X-Lease-Ms";

    private static final Set<String> IN = Set.of("accept");
    private static final Set<String> OUT = Set.of("location", "x-lease-ms", "content-security-policy");

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        return !OUT.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return !IN.contains(name.toLowerCase(Locale.ROOT));
    }
}
