package io.bactrian.gateway.routes;

import io.bactrian.support.text.BrowserPages;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps pages that a browser shows from acting, because a browser reaches what strangers do not, such as loopback. A page of another
 * site may only be a link to what is read. And on loopback, unless there is a key that no page knows, a request must name an address or a
 * name without a dot, which nobody else can have resolve to this machine (DNS rebinding). Any thread.
 */
final class PageAccess {
    static final String OTHER_SITE = "Pages of other sites may not act here.";
    static final String OTHER_HOST =
            "The Host of the request is not a name of this server; add it to bactrian.gateway.hosts.";

    private static final Set<String> READS = Set.of("/", "/index", "/ready", "/try", "/openapi.json");
    private static final List<String> DATA = List.of("/get_data/", "/get_data_location/");

    private final boolean anyHost;
    private final Set<String> hosts = new HashSet<>();
    private volatile String lastKnown = "";
    final LongAdder refused = new LongAdder();

    /**
     * A guard.
     *
     * @param bound the address that the server binds
     * @param keyed whether requests must have a key
     * @param hosts further names of this server
     */
    PageAccess(String bound, boolean keyed, List<String> hosts) {
        this.anyHost = keyed || !isLoopback(bound);
        hosts.forEach(host -> this.hosts.add(host.toLowerCase(Locale.ROOT)));
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // The server cannot bind it either, and says so.
            return true;
        }
    }

    /** Why a request is refused; empty if it is not. */
    Optional<String> refusal(RoutingContext request) {
        HttpServerRequest asked = request.request();
        String host = asked.getHeader("Host");
        if (!anyHost && host != null && !isKnown(host)) {
            refused.increment();
            return Optional.of(OTHER_HOST);
        }
        if (BrowserPages.isOfAnotherSite(asked.getHeader("Sec-Fetch-Site"), asked.getHeader("Origin"), host)
                && !isRead(asked.method(), request.normalizedPath())) {
            refused.increment();
            return Optional.of(OTHER_SITE);
        }
        return Optional.empty();
    }

    private boolean isKnown(String host) {
        // This is called for each request, and most hosts have no dot or are the address that was asked for last.
        if (host.indexOf('.') < 0 || host.equals(lastKnown)) {
            return true;
        }
        String name = BrowserPages.name(host);
        boolean known = name.equals("localhost") || name.endsWith(".localhost") || hosts.contains(name);
        if (known) {
            lastKnown = host;
        }
        return known;
    }

    private static boolean isRead(HttpMethod method, String path) {
        return method.equals(HttpMethod.GET)
                && (READS.contains(path) || DATA.stream().anyMatch(path::startsWith));
    }
}
