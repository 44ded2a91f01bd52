package io.bactrian.app.cli;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.util.json.JsonObject;

/** Nodes of a router as a table of text, from the JSON that the router gives. */
public final class NodeTable {
    /** The control characters that clear a terminal. */
    public static final String CLEAR = "\u001b[H\u001b[2J";

    private static final String ROW = "%-24s %-12s %-8s %-24s %-16s %9s  %s%n";

    private NodeTable() {}

    /** A line for each node between a line of titles and one with their number. */
    public static String of(List<JsonObject> nodes) {
        StringBuilder text =
                new StringBuilder(String.format(ROW, "ID", "KIND", "STATUS", "ADDRESS", "GROUP", "RTT", "ROUTERS"));
        for (JsonObject node : nodes) {
            Object rtt = node.get("rttP50Us");
            text.append(String.format(
                    ROW,
                    node.get("id"),
                    node.get("kind"),
                    node.get("status"),
                    node.get("address"),
                    node.get("group"),
                    rtt == null ? "-" : rtt + " us",
                    node.get("routers") instanceof Collection<?> routers
                            ? routers.stream().map(String::valueOf).collect(Collectors.joining(","))
                            : ""));
        }
        return text.append(nodes.size())
                .append(nodes.size() == 1 ? " node" : " nodes")
                .append(System.lineSeparator())
                .toString();
    }
}
