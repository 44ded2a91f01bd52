package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RouterSettings;
import io.bactrian.support.config.SettingsReader;
import io.bactrian.support.database.DatabaseSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * The settings {@code bactrian.discovery.*}.
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
    /** More would not fit into the datagrams by which routers compare what they have. */
    private static final int NODES_MAX = 100_000;

    private static final Pattern NAME = Pattern.compile("[^\\s\\p{Cntrl}]{0," + Registration.TEXT_MAX + "}");
    private static final int INT_MAX = 1_000_000;

    static DiscoverySettings of(CamelContext context) {
        SettingsReader in = new SettingsReader(context, "the discovery", KEYS);
        RouterSettings router = RouterSettings.defaults()
                .withBounds(
                        in.number("nodes.max", 1, NODES_MAX),
                        in.number("routers.max", 1, INT_MAX),
                        in.duration("lease").toMillis(),
                        in.duration("tombstone").toMillis(),
                        in.isTrue("regroup.handback"))
                .withPings(
                        in.number("ping.intervalMs", 10, INT_MAX),
                        in.number("ping.retryMs", 10, INT_MAX),
                        in.number("ping.attempts", 1, INT_MAX));
        InetSocketAddress gossip = hostAndPort(in, "gossip", in.text("gossip"));
        List<String> seeds = in.list("seeds");
        seeds.forEach(seed -> hostAndPort(in, "seeds", seed));
        DiscoverySettings settings = new DiscoverySettings(
                name(in, "id"),
                name(in, "cluster"),
                in.last("database.url", () -> database(in)),
                gossip,
                in.text("advertise"),
                seeds,
                in.text("beacon").isEmpty() ? null : hostAndPort(in, "beacon", in.text("beacon")),
                hostAndPort(in, "beacon.interface", in.text("beacon.interface") + ":0"),
                in.text("gossip.keyFile"),
                in.text("register"),
                in.text("publications"),
                in.text("channel"),
                in.number("ping.port", 0, SettingsReader.PORT_MAX),
                in.number("ping.nodesMax", 1, INT_MAX),
                in.number("registration.maxBytes", 1, INT_MAX),
                in.number("watchers.max", 1, INT_MAX),
                in.text("http.host"),
                in.number("http.port", 1, SettingsReader.PORT_MAX),
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

    /** A text as it stands in datagrams and beacons. */
    private static String name(SettingsReader in, String key) {
        return in.matching(key, NAME, "at most " + Registration.TEXT_MAX + " characters without white space");
    }

    private static InetSocketAddress hostAndPort(SettingsReader in, String key, String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon > 0 && port.matches("\\d{1,5}") && Integer.parseInt(port) <= SettingsReader.PORT_MAX) {
            return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(port));
        }
        return in.wrong(key, text, "host:port, such as 127.0.0.1:8102", new InetSocketAddress(0));
    }

    private static DatabaseSettings database(SettingsReader in) {
        String url = in.text("database.url");
        return url.isEmpty()
                ? DatabaseSettings.file(Path.of(in.data()), "discovery")
                : new DatabaseSettings(
                        url, in.text("database.user"), in.text("database.password"), DatabaseSettings.CONNECTIONS_MAX);
    }
}
