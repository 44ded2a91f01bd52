package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.RefusedException;
import io.bactrian.discovery.core.Registration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.util.TimeUtils;

/** What the properties that begin with {@code bactrian.discovery.node.} say. */
final class NodeSettings {
    private static final String KEYS = "bactrian.discovery.node.";

    private NodeSettings() {}

    /** The agent of the node. @throws IllegalArgumentException with the key that is wrong */
    static NodeAgent agent(CamelContext context) {
        String ping = text(context, "ping");
        try {
            Registration node = new Registration(
                    text(context, "id"),
                    text(context, "kind"),
                    "",
                    text(context, "host"),
                    Integer.parseInt(text(context, "port")),
                    text(context, "group"),
                    "",
                    list(context, "capabilities"),
                    Map.of(),
                    text(context, "id"),
                    TimeUtils.toMilliSeconds(text(context, "lease")),
                    Integer.parseInt(ping.substring(ping.lastIndexOf(':') + 1)),
                    list(context, "covers"));
            return new NodeAgent(context, node, list(context, "routers"));
        } catch (RefusedException e) {
            throw new IllegalArgumentException("The configuration of the node, " + KEYS + "*, is wrong: " + e.reason());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "The configuration of the node, " + KEYS + "*, is wrong: " + e.getMessage());
        }
    }

    private static List<String> list(CamelContext context, String key) {
        return Arrays.stream(text(context, key).split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static String text(CamelContext context, String key) {
        return context.resolvePropertyPlaceholders("{{" + KEYS + key + "}}").strip();
    }
}
