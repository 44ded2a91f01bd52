package io.bactrian.app;

import java.util.List;

/** The management servers of a hub: one, or those of both nodes of a pair. */
final class HubNodes {
    private final List<ManagementClient> nodes;

    HubNodes(List<ManagementClient> nodes) {
        this.nodes = List.copyOf(nodes);
    }

    /**
     * The node to ask now: the active one; else one that answers; else the first. Of one server that server, which is not
     * asked for it.
     */
    ManagementClient inUse() throws InterruptedException {
        ManagementClient answers = nodes.get(0);
        if (nodes.size() == 1) {
            return answers;
        }
        boolean found = false;
        for (ManagementClient node : nodes) {
            if (node.health().up()) {
                if (isActive(node)) {
                    return node;
                }
                answers = found ? answers : node;
                found = true;
            }
        }
        return answers;
    }

    /** A hub that is on no pair is the active one. */
    private static boolean isActive(ManagementClient node) throws InterruptedException {
        try {
            return PairStatus.of(node)
                    .filter(pair -> !PairStatus.isActive(pair))
                    .isEmpty();
        } catch (CommandFailedException e) {
            return false; // it has ended since it said that it is up
        }
    }

    /** All but one. */
    List<ManagementClient> others(ManagementClient node) {
        return nodes.stream().filter(one -> one != node).toList();
    }

    /** Whether both nodes of a pair are named. */
    boolean isPair() {
        return nodes.size() > 1;
    }
}
