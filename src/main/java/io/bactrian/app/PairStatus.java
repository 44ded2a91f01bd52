package io.bactrian.app;

import java.util.List;
import java.util.Optional;
import org.apache.camel.util.json.JsonObject;

/** The two nodes of a pair, as one of them sees them. */
final class PairStatus {
    private PairStatus() {}

    /** What a node says of its pair; empty if it is in none. */
    static Optional<JsonObject> of(ManagementClient client) throws InterruptedException {
        return client.console("pair", "").filter(figures -> figures.get("role") != null);
    }

    /** Whether the node that was asked serves. */
    static boolean isActive(JsonObject pair) {
        return "ACTIVE".equals(pair.get("role"));
    }

    /** A line each for the node, its peer, the copy and the witness. */
    static List<String> lines(JsonObject pair) {
        boolean active = isActive(pair);
        String lag = "  copy: " + pair.get("replication") + ", lag " + pair.get("lag") + " messages";
        return List.of(
                "  node: " + pair.get("side") + " " + pair.get("role") + ", epoch " + pair.get("epoch")
                        + ", positions to " + pair.get("end") + ", relied on to " + pair.get("committed"),
                "  peer: " + pair.get("peerRole")
                        + (Boolean.TRUE.equals(pair.get("peerAlive")) ? "" : " (silent)")
                        + ", positions to " + pair.get("peerEnd")
                        + (active ? ", in step: " + pair.get("peerStanding") : ""),
                active ? lag + ", " + pair.get("lagBytes") + " octets, " + pair.get("lagMs") + " ms" : lag,
                "  witness: " + pair.get("witness"));
    }
}
