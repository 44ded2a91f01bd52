package io.bactrian.discovery.core;

import java.util.List;

/**
 * A node as this router sees it, from all routers that have it in their care.
 *
 * @param node what it tells of itself
 * @param status how it stands
 * @param routers the routers that have it in their care and are members
 * @param firstSeenMs when it registered first, wall clock
 * @param lastSeenMs when this router saw it last, wall clock; 0 if it is in the care of others only
 * @param rttP50Us the median of the last round trips in microseconds, -1 if there is none
 * @param rttP99Us the 99th percentile of them, -1 if there is none
 */
public record NodeView(
        Registration node,
        NodeStatus status,
        List<String> routers,
        long firstSeenMs,
        long lastSeenMs,
        long rttP50Us,
        long rttP99Us) {
    public NodeView {
        routers = List.copyOf(routers);
    }

    /** True if this view says just that to somebody who watches. */
    boolean says(NodeStatus otherStatus, Registration otherNode) {
        return status == otherStatus && node.equals(otherNode);
    }
}
