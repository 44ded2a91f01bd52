package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Action;
import io.bactrian.discovery.core.NodeStatus;
import io.bactrian.discovery.core.NodeView;
import java.time.Instant;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A change of a node, as the routes and those who watch see it.
 *
 * @param what registered, changed, suspected, evicted, left or forgotten
 * @param node the node after the change; as it was last if it is forgotten
 * @param atMs when
 */
public record NodeEvent(String what, NodeView node, long atMs) {
    static NodeEvent of(Action.NodeChanged changed, long atMs) {
        NodeView after = changed.after();
        NodeView before = changed.before();
        if (after == null) {
            if (before == null) {
                throw new IllegalArgumentException("a change has a node before or after it");
            }
            return new NodeEvent("forgotten", before, atMs);
        }
        boolean wasLive = before != null && before.status().live();
        String what = switch (after.status()) {
            case JOINING -> wasLive ? "changed" : "registered";
            case ACTIVE -> active(before);
            case SUSPECT -> "suspected";
            // A router that has just started hears of nodes that went long ago.
            case DOWN -> wasLive ? "evicted" : "changed";
            case LEFT -> before == null || before.status() == NodeStatus.LEFT ? "changed" : "left";
        };
        return new NodeEvent(what, after, atMs);
    }

    private static String active(@Nullable NodeView before) {
        if (before == null || !before.status().live()) {
            return "registered";
        }
        return before.status() == NodeStatus.ACTIVE ? "changed" : "active";
    }

    /** One line for a log. */
    public String line() {
        return what + " id=" + node.node().id() + " kind=" + node.node().kind() + " group="
                + node.node().group() + " address=" + node.node().address() + " status=" + node.status();
    }

    /** As JSON: {@code {"event", "at", "node"}}. */
    public String json() {
        JsonObject json = new JsonObject();
        json.put("event", what);
        json.put("at", Instant.ofEpochMilli(atMs).toString());
        json.put("node", RegistrationJson.shown(node));
        return json.toJson();
    }
}
