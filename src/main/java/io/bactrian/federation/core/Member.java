package io.bactrian.federation.core;

import io.bactrian.pair.core.Side;
import java.util.Optional;

/**
 * One process of a node: the only one, or one of a pair.
 *
 * @param id {@code nodes.root.a}, or {@code nodes.root.a[primary]}
 * @param node the id of the node
 * @param place {@code primary} or {@code backup}; empty for a node that is no pair
 * @param host where it listens
 * @param southPort where children connect
 * @param northPort where clients get snapshots; updates are published at the next port, and taken in at the one after
 * @param publicKey the CURVE key in Z85, or empty
 * @param signKey the Ed25519 key in Base64 by which its signatures are checked, or empty
 */
public record Member(
        String id,
        String node,
        String place,
        String host,
        int southPort,
        int northPort,
        String publicKey,
        String signKey) {
    /** Ports from {@link #northPort} on that a member takes. */
    public static final int NORTH_PORTS = 3;

    /** The address of a port of this member. */
    public String address(int port) {
        String shown = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
        return "tcp://" + shown + ":" + port;
    }

    /** Which of the two processes of a pair this is; empty for a node that is no pair. */
    Optional<Side> side() {
        return switch (place) {
            case "primary" -> Optional.of(Side.PRIMARY);
            case "backup" -> Optional.of(Side.BACKUP);
            default -> Optional.empty();
        };
    }

    /** Where children connect. */
    public String south() {
        return address(southPort);
    }
}
