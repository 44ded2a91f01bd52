package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The tree of nodes, who owns which keys, and who is whose neighbour. Immutable. */
public final class Topology {
    private final String name;
    private final boolean curve;
    private final Map<String, TopologyNode> nodes;
    private final TreeMap<String, String> owners = new TreeMap<>();
    /** By node the subtrees of the state that it keeps; empty for all. */
    private final Map<String, Set<String>> kept = new HashMap<>();

    private final String root;
    private final String ownership;

    Topology(String name, boolean curve, Map<String, TopologyNode> nodes) {
        this.name = name;
        this.curve = curve;
        this.nodes = new LinkedHashMap<>(nodes);
        this.root = nodes.values().stream()
                .filter(node -> node.parent().isEmpty())
                .map(TopologyNode::id)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a topology has a root"));
        nodes.values().forEach(node -> {
            owners.put(node.id(), node.id());
            node.owns().forEach(subtree -> owners.put(subtree, node.id()));
        });
        List<TopologyNode> childrenFirst = new ArrayList<>(nodes.values());
        Collections.reverse(childrenFirst);
        childrenFirst.forEach(node -> kept.put(node.id(), keptBy(node)));
        this.ownership = Integer.toHexString(owners.hashCode())
                + Integer.toHexString(owners.toString().hashCode());
    }

    private Set<String> keptBy(TopologyNode node) {
        List<Set<String>> below = node.children().stream().map(this::kept).toList();
        if (node.keeps().isEmpty() || below.stream().anyMatch(Set::isEmpty)) {
            return Set.of();
        }
        Set<String> all = new TreeSet<>(node.keeps());
        all.addAll(node.owns());
        all.add(node.id());
        below.forEach(all::addAll);
        return Set.copyOf(all);
    }

    /**
     * The subtrees of the state that a node keeps: those in {@link TopologyNode#keeps}, its own keys, and all that the nodes below
     * it keep, as that comes and goes through it. Empty for all.
     */
    public Set<String> kept(String node) {
        return kept.getOrDefault(node, Set.of());
    }

    /** Whether a node keeps a key. */
    public boolean keeps(String node, String key) {
        Set<String> subtrees = kept(node);
        if (subtrees.isEmpty()) {
            return true;
        }
        for (String subtree : subtrees) {
            if (within(key, subtree)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a node keeps all keys of another one. */
    public boolean keepsAllOf(String node, String owner) {
        return keeps(node, owner) && node(owner).owns().stream().allMatch(subtree -> keeps(node, subtree));
    }

    /** The name of the federation. */
    public String name() {
        return name;
    }

    /** Whether links are encrypted. */
    public boolean curve() {
        return curve;
    }

    /** The id of the root. */
    public String root() {
        return root;
    }

    /** All nodes, parents before their children. */
    public List<TopologyNode> nodes() {
        return List.copyOf(nodes.values());
    }

    /** A node, empty if there is none with this id. */
    public Optional<TopologyNode> find(String id) {
        return Optional.ofNullable(nodes.get(id));
    }

    /** A node; {@link IllegalArgumentException} if there is none. */
    public TopologyNode node(String id) {
        return find(id).orElseThrow(() -> new IllegalArgumentException("no node " + id + " in the topology"));
    }

    /**
     * A process by its id, {@code nodes.root.a} or {@code nodes.root.a[backup]}.
     *
     * @throws IllegalArgumentException naming the ids that would be right
     */
    public Member member(String id) {
        List<String> all = new ArrayList<>();
        for (TopologyNode node : nodes.values()) {
            for (Member member : node.members()) {
                if (member.id().equals(id)) {
                    return member;
                }
                all.add(member.id());
            }
        }
        throw new IllegalArgumentException("the topology has no node '" + id + "'; it has " + String.join(", ", all));
    }

    /** A text that is the same in all topologies in which the same nodes own the same keys. */
    String ownership() {
        return ownership;
    }

    /** The node that alone may write a key: that of the longest subtree that holds it; null if nobody owns it. */
    public @Nullable String owner(String key) {
        String prefix = key;
        while (true) {
            String owner = owners.get(prefix);
            if (owner != null) {
                return owner;
            }
            int dot = prefix.lastIndexOf('.');
            if (dot < 0) {
                return null;
            }
            prefix = prefix.substring(0, dot);
        }
    }

    /** Whether a key lies in a subtree; everything lies in the empty one. */
    public static boolean within(String key, String subtree) {
        int length = subtree.length();
        return length == 0 || (key.startsWith(subtree) && (key.length() == length || key.charAt(length) == '.'));
    }

    /** Whether a node is another one or lies below it. */
    public static boolean below(String node, String ancestor) {
        return within(node, ancestor);
    }

    /** The neighbour by which a node reaches another: a child, or the parent; null for itself and what is not there. */
    public @Nullable String next(String from, String to) {
        if (from.equals(to) || !nodes.containsKey(to)) {
            return null;
        }
        if (!below(to, from)) {
            String parent = node(from).parent();
            return parent.isEmpty() ? null : parent;
        }
        return node(from).children().stream()
                .filter(child -> below(to, child))
                .findFirst()
                .orElse(null);
    }

    /** The tree as lines for a terminal. */
    public List<String> drawn() {
        List<String> lines = new ArrayList<>();
        draw(node(root), "", "", lines);
        return lines;
    }

    private void draw(TopologyNode node, String first, String rest, List<String> lines) {
        List<String> processes = node.members().stream()
                .map(member -> (member.place().isEmpty() ? "" : member.place() + " ") + member.host() + " south "
                        + member.southPort() + " north " + member.northPort())
                .toList();
        String owns = node.owns().isEmpty() ? "" : "  owns " + String.join(", ", node.owns());
        lines.add(first + node.id().substring(node.id().lastIndexOf('.') + 1) + "  " + String.join(" | ", processes)
                + owns);
        List<String> children = node.children();
        for (int i = 0; i < children.size(); i++) {
            boolean last = i == children.size() - 1;
            draw(node(children.get(i)), rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "), lines);
        }
    }
}
