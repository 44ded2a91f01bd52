package io.bactrian.discovery.core;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where a service is, by what the nodes that offer it have registered. Nodes that stand in for each other name an epoch, and
 * the one with the highest is the service; nodes that name none share it. One that says it is passive counts only while
 * there is no other: to be asked may be what makes it active. An epoch that is lower than one that was seen before
 * is old news, unless nothing newer is heard of for a while: then the nodes have begun anew. Not thread-safe.
 */
public final class ServiceOffers {
    /** The field of the metadata with the epoch since which a node is active. */
    public static final String EPOCH = "epoch";

    /** The field of the metadata that tells a node that stands by: {@value #PASSIVE}. */
    public static final String ROLE = "role";

    /** The role of a node that stands by. */
    public static final String PASSIVE = "passive";

    /** How a field of the metadata begins that has the number of a named port. */
    public static final String PORT = "port.";

    /** So many answers in a row with older epochs only are believed. */
    static final int OLDER_MAX = 20;

    private static final int PORT_MAX = 65_535;

    private final String port;
    private long highest;
    private int olderInRow;

    /**
     * A node that offers the service.
     *
     * @param host where it is
     * @param port its port
     * @param metadata may hold {@value #EPOCH} and ports by name, {@code port.NAME}
     */
    public record Offer(String host, int port, Map<String, String> metadata) {
        public Offer {
            metadata = Map.copyOf(metadata);
        }

        private long epoch() {
            return number(metadata.getOrDefault(EPOCH, "0"));
        }

        private boolean standsBy() {
            return PASSIVE.equals(metadata.get(ROLE));
        }

        private String address(String name) {
            long number = name.isEmpty() ? port : number(metadata.getOrDefault(PORT + name, "0"));
            return number < 1 || number > PORT_MAX
                    ? ""
                    : "tcp://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + number;
        }
    }

    /** @param port the name of the port that is asked for, empty for the port of the node */
    public ServiceOffers(String port) {
        this.port = port;
    }

    /** A text of a peer as a number, 0 if it is none. */
    private static long number(String text) {
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    /** The addresses of the service, in order; empty if none of the offers is new enough or has the port. */
    public List<String> addresses(Collection<Offer> offers) {
        List<Offer> active = offers.stream().filter(offer -> !offer.standsBy()).toList();
        if (active.isEmpty()) {
            return addresses(offers.stream());
        }
        long newest = active.stream().mapToLong(Offer::epoch).max().orElse(highest);
        olderInRow = newest < highest ? olderInRow + 1 : 0;
        if (newest >= highest || olderInRow > OLDER_MAX) {
            highest = newest;
        }
        return addresses(active.stream().filter(offer -> offer.epoch() == highest));
    }

    private List<String> addresses(Stream<Offer> offers) {
        return offers.map(offer -> offer.address(port))
                .filter(address -> !address.isEmpty())
                .distinct()
                .sorted()
                .toList();
    }
}
