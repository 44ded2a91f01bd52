package io.bactrian.federation.core;

import java.util.List;

/**
 * One node of the tree.
 *
 * @param id {@code nodes.root.subnode_a}: the names from the root on
 * @param parent the id of the parent; empty for the root
 * @param members the processes: one, or primary and backup
 * @param owns the subtrees of the state that this node alone may write, besides the one named like its id
 * @param keeps the subtrees of the state that it keeps besides those of {@link Topology#kept}; empty for all
 * @param roles the further roles that its processes run
 * @param children the ids of its children
 */
public record TopologyNode(
        String id,
        String parent,
        List<Member> members,
        List<String> owns,
        List<String> keeps,
        List<String> roles,
        List<String> children) {
    public TopologyNode {
        members = List.copyOf(members);
        owns = List.copyOf(owns);
        keeps = List.copyOf(keeps);
        roles = List.copyOf(roles);
        children = List.copyOf(children);
    }

    /** Whether two processes share the work. */
    public boolean pair() {
        return members.size() > 1;
    }
}
