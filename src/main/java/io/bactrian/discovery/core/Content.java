package io.bactrian.discovery.core;

/** The content of an entry of the replicated state. */
public sealed interface Content {
    /**
     * A router.
     *
     * @param id its id
     * @param gossip where it takes datagrams of other routers, {@code host:port}
     * @param register where nodes register and ask, a ZeroMQ address
     * @param publications where publications are subscribed, a ZeroMQ address
     * @param state how it stands
     * @param accuser who says that it is suspect or down; its own id if it says so itself
     */
    record Router(String id, String gossip, String register, String publications, RouterState state, String accuser)
            implements Content {
        Router with(RouterState newState, String newAccuser) {
            return new Router(id, gossip, register, publications, newState, newAccuser);
        }
    }

    /**
     * A node as one router has it in its care. Only that router writes it, so there is never a conflict.
     *
     * @param router the id of the router
     * @param node what the node tells of itself
     * @param status how it stands for this router
     * @param firstSeenMs when it registered first, wall clock
     */
    record Sighting(String router, Registration node, NodeStatus status, long firstSeenMs) implements Content {}

    /**
     * Who does a piece of work of a group.
     *
     * @param group the group
     * @param coverage the piece of work
     * @param holder the id of the node that does it; empty if there is none any more
     * @param former the holder before, empty if there was none
     */
    record Assignment(String group, String coverage, String holder, String former) implements Content {}
}
