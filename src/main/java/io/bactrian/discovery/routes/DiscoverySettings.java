package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RouterSettings;
import io.bactrian.support.database.DatabaseSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;

/**
 * What the properties that begin with {@code bactrian.discovery.} say.
 *
 * @param id the router's id, empty for one that is made once and kept in the database
 * @param cluster the name of the cluster; datagrams of other clusters are refused
 * @param database where the registry is kept
 * @param gossip where datagrams of other routers are taken
 * @param advertised the host under which other routers and nodes reach this one
 * @param seeds other routers, to find the first of them
 * @param beacon where beacons go and are heard, null for none
 * @param beaconInterface an address of the interface by which they go and come
 * @param keyFile the file with the key of the cluster, empty for none
 * @param register where nodes register, a ZeroMQ address
 * @param publications where publications are subscribed, a ZeroMQ address
 * @param channel the channel on which publishers announce themselves
 * @param pingPort where nodes answer pings that name no port, 0 for no pings
 * @param pingNodesMax how many nodes are pinged at most
 * @param registrationBytesMax the largest registration as it comes
 * @param watchersMax how many may follow the changes over HTTP
 * @param httpHost where queries over HTTP are answered
 * @param httpPort its port
 * @param router the times and bounds of the core
 */
record DiscoverySettings(
        String id,
        String cluster,
        DatabaseSettings database,
        InetSocketAddress gossip,
        String advertised,
        List<String> seeds,
        @Nullable InetSocketAddress beacon,
        InetSocketAddress beaconInterface,
        String keyFile,
        String register,
        String publications,
        String channel,
        int pingPort,
        int pingNodesMax,
        int registrationBytesMax,
        int watchersMax,
        String httpHost,
        int httpPort,
        RouterSettings router) {
    private static final String KEYS = "bactrian.discovery.";
    private static final int PORT_MAX = 65_535;
    /** More would not fit into the datagrams by which routers compare what they have. */
    private static final int NODES_MAX = 100_000;

    private static final int INT_MAX = 1_000_000;

    static DiscoverySettings of(CamelContext context) {
        Reader in = new Reader(context);
        RouterSettings router = RouterSettings.defaults()
                .withBounds(
                        in.number("nodes.max", 1, NODES_MAX),
                        in.number("routers.max", 1, INT_MAX),
                        in.duration("lease"),
                        in.duration("tombstone"),
                        Boolean.parseBoolean(in.text("regroup.handback")))
                .withPings(
                        in.number("ping.intervalMs", 10, INT_MAX),
                        in.number("ping.retryMs", 10, INT_MAX),
                        in.number("ping.attempts", 1, INT_MAX));
        InetSocketAddress gossip = in.hostAndPort("gossip", in.text("gossip"));
        List<String> seeds = in.list("seeds");
        seeds.forEach(seed -> in.hostAndPort("seeds", seed));
        DiscoverySettings settings = new DiscoverySettings(
                in.name("id"),
                in.name("cluster"),
                in.database(),
                gossip,
                in.text("advertise"),
                seeds,
                in.text("beacon").isEmpty() ? null : in.hostAndPort("beacon", in.text("beacon")),
                in.hostAndPort("beacon.interface", in.text("beacon.interface") + ":0"),
                in.text("gossip.keyFile"),
                in.text("register"),
                in.text("publications"),
                in.text("channel"),
                in.number("ping.port", 0, PORT_MAX),
                in.number("ping.nodesMax", 1, INT_MAX),
                in.number("registration.maxBytes", 1, INT_MAX),
                in.number("watchers.max", 1, INT_MAX),
                in.text("http.host"),
                in.number("http.port", 1, PORT_MAX),
                router);
        in.check();
        return settings;
    }

    /** True if routers of other machines can reach this one, but are told an address that leads to themselves. */
    boolean misleads() {
        InetAddress bound = gossip.getAddress();
        InetAddress told = new InetSocketAddress(advertised, 0).getAddress();
        return bound != null && !bound.isLoopbackAddress() && told != null && told.isLoopbackAddress();
    }

    /** An address as others use it: the advertised host in place of a wildcard. */
    String reachable(String zeroMqAddress) {
        return zeroMqAddress.replace("//*:", "//" + advertised + ":").replace("//0.0.0.0:", "//" + advertised + ":");
    }

    /** Reads keys and collects what is wrong with them. */
    private static final class Reader {
        private final CamelContext context;
        private final List<String> problems = new ArrayList<>();

        private Reader(CamelContext context) {
            this.context = context;
        }

        private String text(String key) {
            return absolute(KEYS + key);
        }

        private String absolute(String key) {
            try {
                return context.resolvePropertyPlaceholders("{{" + key + "}}").strip();
            } catch (IllegalArgumentException e) {
                problems.add(key + " cannot be resolved: " + e.getMessage());
                return "";
            }
        }

        /** A text as it stands in datagrams and beacons. */
        private String name(String key) {
            String name = text(key);
            if (name.length() > Registration.TEXT_MAX
                    || name.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
                problems.add(KEYS + key + "=" + name + " must have at most " + Registration.TEXT_MAX
                        + " characters, and no white space");
            }
            return name;
        }

        private List<String> list(String key) {
            return Arrays.stream(text(key).split(","))
                    .map(String::strip)
                    .filter(part -> !part.isEmpty())
                    .toList();
        }

        private int number(String key, int min, int max) {
            String text = text(key);
            try {
                int number = Integer.parseInt(text);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException e) {
                problems.add(KEYS + key + "=" + text + " must be a whole number");
                return min;
            }
            problems.add(KEYS + key + "=" + text + " must be from " + min + " to " + max);
            return min;
        }

        private long duration(String key) {
            String text = text(key);
            try {
                long ms = TimeUtils.toMilliSeconds(text);
                if (ms > 0) {
                    return ms;
                }
            } catch (IllegalArgumentException e) {
                problems.add(KEYS + key + "=" + text + " must be a duration such as 500ms, 5s or 1h30m");
                return 1;
            }
            problems.add(KEYS + key + "=" + text + " must be a duration above 0");
            return 1;
        }

        private InetSocketAddress hostAndPort(String key, String text) {
            int colon = text.lastIndexOf(':');
            try {
                if (colon > 0) {
                    int port = Integer.parseInt(text.substring(colon + 1));
                    return new InetSocketAddress(text.substring(0, colon), port);
                }
            } catch (IllegalArgumentException e) {
                problems.add(KEYS + key + "=" + text + " must be host:port, such as 127.0.0.1:8102");
                return new InetSocketAddress(0);
            }
            problems.add(KEYS + key + "=" + text + " must be host:port, such as 127.0.0.1:8102");
            return new InetSocketAddress(0);
        }

        private DatabaseSettings database() {
            String url = text("database.url");
            try {
                return url.isEmpty()
                        ? DatabaseSettings.file(Path.of(absolute("bactrian.data")), "discovery")
                        : new DatabaseSettings(
                                url,
                                text("database.user"),
                                text("database.password"),
                                DatabaseSettings.CONNECTIONS_MAX);
            } catch (IllegalArgumentException e) {
                problems.add(KEYS + "database.url: " + e.getMessage());
                return new DatabaseSettings("jdbc:h2:mem:", "sa", "", 1);
            }
        }

        private void check() {
            if (!problems.isEmpty()) {
                throw new IllegalArgumentException(
                        "The configuration of the discovery is wrong:\n  " + String.join("\n  ", problems));
            }
        }
    }
}
