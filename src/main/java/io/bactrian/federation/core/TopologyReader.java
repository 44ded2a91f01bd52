package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a topology from the maps and lists of its YAML file, and gathers every problem. For one use by one thread. */
public final class TopologyReader {
    private static final Set<String> TOP = Set.of("federation", "security", "defaults", "nodes");
    private static final Set<String> PROCESS = Set.of("host", "southPort", "northPort", "publicKey", "signKey");
    private static final Set<String> NODE = Set.of(
            "host",
            "southPort",
            "northPort",
            "publicKey",
            "signKey",
            "owns",
            "keeps",
            "roles",
            "primary",
            "backup",
            "children");
    /** What comes after the id of a node in its own keys. */
    private static final Set<String> OWN_KEYS = Set.of("active", "alarms", "devices");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]{1,253}|\\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*]?");
    private static final Pattern SUBTREE = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final Pattern SIGN_KEY = Pattern.compile("[A-Za-z0-9+/]{43}=");
    private static final int PORT_MAX = 65_535;
    private static final int DEPTH_MAX = 8;
    private static final int NODES_MAX = 10_000;
    private static final int Z85_LENGTH = 40;

    private final List<String> problems = new ArrayList<>();
    private final Map<String, TopologyNode> nodes = new LinkedHashMap<>();
    private boolean curve;
    private String defaultHost = "127.0.0.1";
    private int defaultSouth = 5000;
    private int defaultNorth = 5001;

    /**
     * Reads a topology.
     *
     * @param source the name of the file, for messages
     * @param document what the YAML file holds
     * @throws TopologyException listing every problem with its key and what would be right
     */
    public static Topology read(String source, @Nullable Object document) {
        return new TopologyReader().tryRead(source, document);
    }

    private Topology tryRead(String source, @Nullable Object document) {
        Map<String, Object> top = map("the file", document, TOP);
        String name =
                text("federation", top.get("federation"), "federation", NAME, "a name of letters, digits, _ and -");
        String security = text("security", top.get("security"), "none", Pattern.compile("none|curve"), "none or curve");
        curve = security.equals("curve");
        Map<String, Object> defaults =
                map("defaults", top.getOrDefault("defaults", Map.of()), Set.of("host", "southPort", "northPort"));
        defaultHost = text("defaults.host", defaults.get("host"), defaultHost, HOST, "a host name or an IP address");
        defaultSouth = port("defaults.southPort", defaults.get("southPort"), defaultSouth, 1);
        defaultNorth = port("defaults.northPort", defaults.get("northPort"), defaultNorth, Member.NORTH_PORTS);
        Map<String, Object> roots = map("nodes", top.get("nodes"), Set.of());
        if (roots.size() != 1) {
            problems.add("nodes has " + roots.size() + " roots " + roots.keySet()
                    + ": give exactly one, the root of the tree");
        }
        roots.forEach((root, value) -> node("nodes." + root, root, "", value, 1));
        checkPorts();
        checkOwners();
        if (!problems.isEmpty()) {
            throw new TopologyException(source, problems);
        }
        return new Topology(name, curve, nodes);
    }

    private void node(String id, String name, String parent, @Nullable Object value, int depth) {
        if (!NAME.matcher(name).matches()) {
            problems.add(id + ": a node's name has 1 to 64 letters, digits, _ and -");
            return;
        }
        if (OWN_KEYS.contains(name) && !parent.isEmpty()) {
            problems.add(id + ": its parent has keys of this name; give the node another one");
            return;
        }
        if (depth > DEPTH_MAX || nodes.size() >= NODES_MAX) {
            problems.add(id + ": a tree has at most " + DEPTH_MAX + " levels and " + NODES_MAX + " nodes");
            return;
        }
        Map<String, Object> node = map(id, value == null ? Map.of() : value, NODE);
        List<Member> members = new ArrayList<>();
        if (node.containsKey("primary") || node.containsKey("backup")) {
            for (String place : List.of("primary", "backup")) {
                if (!node.containsKey(place)) {
                    problems.add(id + "." + place + " is missing: a pair has primary and backup");
                    continue;
                }
                Map<String, Object> process = map(id + "." + place, node.get(place), PROCESS);
                members.add(member(id, place, id + "." + place, process));
            }
            for (String key : new TreeSet<>(PROCESS)) {
                if (node.containsKey(key)) {
                    problems.add(id + "." + key + " is given beside primary and backup: move it into each of them");
                }
            }
        } else {
            members.add(member(id, "", id, node));
        }
        Map<String, Object> children = map(id + ".children", node.getOrDefault("children", Map.of()), Set.of());
        List<String> childIds =
                children.keySet().stream().map(child -> id + "." + child).toList();
        nodes.put(
                id,
                new TopologyNode(
                        id,
                        parent,
                        members,
                        list(id + ".owns", node.get("owns"), SUBTREE, "subtrees such as tunnel.north"),
                        list(id + ".keeps", node.get("keeps"), SUBTREE, "subtrees such as tunnel.north"),
                        list(id + ".roles", node.get("roles"), NAME, "names of roles"),
                        childIds));
        children.forEach((child, content) -> node(id + "." + child, child, id, content, depth + 1));
    }

    private Member member(String node, String place, String path, Map<String, Object> values) {
        String key = string(values.get("publicKey"));
        if (curve && key.length() != Z85_LENGTH) {
            problems.add(path + ".publicKey " + (key.isEmpty() ? "is missing" : "is no key")
                    + ": with security: curve give the 40 characters that bactrian topology keygen prints");
        }
        String signKey = string(values.get("signKey"));
        if (curve
                ? !SIGN_KEY.matcher(signKey).matches()
                : !signKey.isEmpty() && !SIGN_KEY.matcher(signKey).matches()) {
            problems.add(path + ".signKey " + (signKey.isEmpty() ? "is missing" : "is no key")
                    + ": give the 44 characters that bactrian topology keygen prints");
        }
        return new Member(
                place.isEmpty() ? node : node + "[" + place + "]",
                node,
                place,
                text(path + ".host", values.get("host"), defaultHost, HOST, "a host name or an IP address"),
                port(path + ".southPort", values.get("southPort"), defaultSouth, 1),
                port(path + ".northPort", values.get("northPort"), defaultNorth, Member.NORTH_PORTS),
                key,
                signKey);
    }

    private void checkPorts() {
        Map<String, String> taken = new HashMap<>();
        for (TopologyNode node : nodes.values()) {
            for (Member member : node.members()) {
                claim(taken, member, member.southPort(), "southPort");
                for (int i = 0; i < Member.NORTH_PORTS; i++) {
                    claim(taken, member, member.northPort() + i, "northPort");
                }
            }
        }
    }

    private void claim(Map<String, String> taken, Member member, int port, String key) {
        String other = taken.putIfAbsent(member.host() + ":" + port, member.id());
        if (other != null) {
            problems.add(member.id() + "." + key + ": port " + port + " of " + member.host() + " is taken by " + other
                    + "; give another (a node takes southPort, and northPort with the two ports after it)");
        }
    }

    private void checkOwners() {
        Map<String, String> owners = new HashMap<>();
        for (TopologyNode node : nodes.values()) {
            for (String subtree : node.owns()) {
                String other = owners.putIfAbsent(subtree, node.id());
                if (other != null) {
                    problems.add(node.id() + ".owns: " + subtree + " is owned by " + other
                            + " already; a subtree has one owner");
                } else if (ClusteredHashmap.WORDS.contains(subtree)) {
                    problems.add(node.id() + ".owns: " + subtree + " is a word of the protocol: give another name");
                } else if (subtree.equals("nodes") || subtree.startsWith("nodes.")) {
                    problems.add(
                            node.id() + ".owns: " + subtree + " is reserved; each node owns what is named like it");
                }
            }
        }
    }

    private Map<String, Object> map(String path, @Nullable Object value, Set<String> known) {
        Map<String, Object> found = new LinkedHashMap<>();
        if (!(value instanceof Map<?, ?> map)) {
            problems.add(
                    path + " is " + (value == null ? "missing" : "not a map") + ": give keys with values below it");
            return found;
        }
        map.forEach((key, content) -> {
            String name = string(key);
            if (!known.isEmpty() && !known.contains(name)) {
                problems.add((path.equals("the file") ? "" : path + ".") + name + " is not known: there may be "
                        + new TreeSet<>(known));
            } else {
                found.put(name, content);
            }
        });
        return found;
    }

    private String text(String path, @Nullable Object value, String fallback, Pattern pattern, String right) {
        if (value == null) {
            return fallback;
        }
        String text = string(value);
        if (!pattern.matcher(text).matches()) {
            problems.add(path + " = '" + text + "' is not right: give " + right);
        }
        return text;
    }

    /** The first of so many ports in a row. */
    private int port(String path, @Nullable Object value, int fallback, int ports) {
        if (value == null) {
            return fallback;
        }
        int last = PORT_MAX - ports + 1;
        if (value instanceof Integer port && port >= 1 && port <= last) {
            return port;
        }
        problems.add(path + " = '" + string(value) + "' is not right: give a port from 1 to " + last);
        return fallback;
    }

    private List<String> list(String path, @Nullable Object value, Pattern pattern, String right) {
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            problems.add(path + " is not a list: give " + right + " in square brackets");
            return List.of();
        }
        List<String> found = new ArrayList<>();
        for (Object item : list) {
            String text = string(item);
            if (pattern.matcher(text).matches()) {
                found.add(text);
            } else {
                problems.add(path + " has '" + text + "': give " + right);
            }
        }
        return found;
    }

    /** A value as text; lists and maps may hold themselves. */
    private static String string(@Nullable Object value) {
        if (value instanceof Collection<?> || value instanceof Map<?, ?>) {
            return value instanceof Map<?, ?> ? "{...}" : "[...]";
        }
        return value == null ? "" : String.valueOf(value);
    }
}
