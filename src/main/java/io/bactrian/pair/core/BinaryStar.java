package io.bactrian.pair.core;

/** The transitions of the Binary Star pattern, as the ZeroMQ guide's chapter 4 has them. */
public final class BinaryStar {

    /** The change of a role. */
    public enum Step {
        /** Nothing changes. */
        STAY,
        BECOME_ACTIVE,
        BECOME_PASSIVE,
        /** Both nodes are configured as primary, or both as backup. */
        SAME_SIDE,
        /** Both nodes are active: the one with the higher epoch stays. */
        TWO_ACTIVES,
        /** Both nodes are passive: the one whose log is ahead becomes active. */
        TWO_PASSIVES,
        /** The request is served. */
        SERVE,
        /** The request is served, and the node is active from now on. */
        SERVE_AND_BECOME_ACTIVE,
        /** The request is not answered. */
        REFUSE
    }

    private BinaryStar() {}

    /** Returns the step of a node in a role on the heartbeat of a peer in another. */
    public static Step onPeer(Role own, Role peer) {
        return switch (own) {
            case PRIMARY ->
                switch (peer) {
                    case PRIMARY -> Step.SAME_SIDE;
                    case BACKUP -> Step.BECOME_ACTIVE;
                    case ACTIVE -> Step.BECOME_PASSIVE;
                    case PASSIVE -> Step.STAY;
                };
            case BACKUP ->
                switch (peer) {
                    case BACKUP -> Step.SAME_SIDE;
                    case ACTIVE -> Step.BECOME_PASSIVE;
                    case PRIMARY, PASSIVE -> Step.STAY;
                };
            case ACTIVE -> peer == Role.ACTIVE ? Step.TWO_ACTIVES : Step.STAY;
            case PASSIVE ->
                switch (peer) {
                    case PRIMARY, BACKUP -> Step.BECOME_ACTIVE;
                    case ACTIVE -> Step.STAY;
                    case PASSIVE -> Step.TWO_PASSIVES;
                };
        };
    }

    /** Returns the step on the request of a client: it is the vote without which a passive node does not take over. */
    public static Step onRequest(Role own, boolean peerDead) {
        return switch (own) {
            case PRIMARY -> peerDead ? Step.SERVE_AND_BECOME_ACTIVE : Step.SERVE;
            case BACKUP -> Step.REFUSE;
            case ACTIVE -> Step.SERVE;
            case PASSIVE -> peerDead ? Step.SERVE_AND_BECOME_ACTIVE : Step.REFUSE;
        };
    }
}
