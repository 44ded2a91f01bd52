package io.bactrian.discovery.core;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The registration of a node, as the node tells it. All text is data: it is compared and shown, and never run, and it has bounds.
 *
 * @param id the node's name, unique in the cluster, 1 to 128 characters
 * @param kind what it is: publisher, subscriber, service, worker or a word of its own
 * @param name a name for people, may be empty
 * @param host where it is: a host name or an IP address
 * @param port its port, 0 to 65535; 0 if it has none
 * @param group the nodes that stand in for each other, such as {@code /device}; may be empty
 * @param channel the channel that it publishes or wants, may be empty
 * @param capabilities what it can do, at most 32 words
 * @param metadata anything else, at most 32 pairs
 * @param instance who claims the id: the same text is the same node, also after a restart
 * @param leaseMs how long the registration holds without a refresh or an answered ping
 * @param pingPort the port at {@code host} where it answers pings; 0 if it cannot be pinged
 * @param covers what it can be given to do for its group, at most 64 words
 */
public record Registration(
        String id,
        String kind,
        String name,
        String host,
        int port,
        String group,
        String channel,
        List<String> capabilities,
        Map<String, String> metadata,
        String instance,
        long leaseMs,
        int pingPort,
        List<String> covers) {
    /** The most characters of an id, a name and of most other texts. */
    public static final int TEXT_MAX = 128;
    /** The most capabilities, and the most pairs of metadata. */
    public static final int WORDS_MAX = 32;
    /** The most coverages that one node names. */
    public static final int COVERS_MAX = 64;
    /** The most characters of a value of the metadata. */
    public static final int VALUE_MAX = 256;
    /** The longest lease. */
    public static final long LEASE_MAX_MS = 24L * 3600 * 1000;
    /** The shortest lease. */
    public static final long LEASE_MIN_MS = 500;

    private static final int PORT_MAX = 65_535;
    private static final Pattern KIND = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,64}");

    /**
     * Checks all bounds.
     *
     * @throws RequestRefusedException if something is missing, too long or of a wrong form; it names the field
     */
    public Registration {
        text("node_id", id, TEXT_MAX, true);
        if (!KIND.matcher(kind).matches()) {
            throw new RequestRefusedException("kind must be a word of lower-case letters, digits and hyphens");
        }
        text("node_name", name, TEXT_MAX, false);
        if (!HOST.matcher(host).matches()) {
            throw new RequestRefusedException("node_ip must be a host name or an IP address");
        }
        port("node_port", port);
        text("node_group", group, TEXT_MAX, false);
        text("channel_name", channel, TEXT_MAX, false);
        capabilities = words("capabilities", capabilities, WORDS_MAX);
        if (metadata.size() > WORDS_MAX) {
            throw new RequestRefusedException("metadata holds more than " + WORDS_MAX + " pairs");
        }
        metadata.forEach((key, value) -> {
            text("a key of metadata", key, TEXT_MAX, true);
            text("metadata " + key, value, VALUE_MAX, false);
        });
        metadata = Map.copyOf(metadata);
        text("instance", instance, TEXT_MAX, true);
        if (leaseMs < LEASE_MIN_MS || leaseMs > LEASE_MAX_MS) {
            throw new RequestRefusedException("lease_ms must be from " + LEASE_MIN_MS + " to " + LEASE_MAX_MS);
        }
        port("ping_port", pingPort);
        covers = words("covers", covers, COVERS_MAX);
    }

    private static List<String> words(String field, List<String> words, int max) {
        if (words.size() > max) {
            throw new RequestRefusedException(field + " holds more than " + max + " words");
        }
        words.forEach(word -> text("a word of " + field, word, TEXT_MAX, true));
        return List.copyOf(new TreeSet<>(words));
    }

    private static void text(String field, String text, int max, boolean needed) {
        if (text.isBlank() && needed) {
            throw new RequestRefusedException(field + " is missing");
        }
        if (text.length() > max) {
            throw new RequestRefusedException(field + " has more than " + max + " characters");
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new RequestRefusedException(field + " holds a control character");
            }
        }
    }

    private static void port(String field, int port) {
        if (port < 0 || port > PORT_MAX) {
            throw new RequestRefusedException(field + " must be from 0 to " + PORT_MAX);
        }
    }

    /** Where it answers pings as {@code tcp://host:port}, empty if it cannot be pinged. */
    public String pingAddress() {
        return pingPort == 0 ? "" : tcp(pingPort);
    }

    /** Where its service is as {@code tcp://host:port}. */
    public String address() {
        return tcp(port);
    }

    private String tcp(int number) {
        return "tcp://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + number;
    }

    /** True if another registration has the same address for pings. */
    boolean pingedLike(Registration other) {
        return pingPort == other.pingPort && (pingPort == 0 || host.equals(other.host));
    }

    /** The metadata in the order of its keys. */
    public Map<String, String> sortedMetadata() {
        return new TreeMap<>(metadata);
    }

    /** True if a registration is of the same installation: the same claim, or a new start at the same place. */
    boolean sameNodeAs(Registration other) {
        return instance.equals(other.instance)
                || (port != 0 && kind.equals(other.kind) && port == other.port && host.equals(other.host));
    }
}
