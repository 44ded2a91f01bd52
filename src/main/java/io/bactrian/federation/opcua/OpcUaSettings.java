package io.bactrian.federation.opcua;

import io.bactrian.support.config.SettingsReader;
import java.util.List;
import org.apache.camel.CamelContext;

/**
 * The settings {@code bactrian.federation.opcua.*}.
 *
 * @param host the address to listen at
 * @param port the port to listen at
 * @param peer the URL of the other server of a pair, or empty
 * @param policies the names of the security policies that are offered
 * @param anonymous what a client without a user may do
 * @param users the file of users, or empty
 * @param subtrees the subtrees of the state that are served; empty for all
 * @param nodesMax the most keys and folders
 * @param sessionsMax the most sessions
 * @param itemsMax the most monitored items, over all sessions
 * @param queueMax the most changes that wait at one monitored item
 * @param historyMax the most values in one answer about history
 * @param writesMax the most writes that may wait for their owners
 * @param messageBytesMax the largest message, in octets
 */
record OpcUaSettings(
        String host,
        int port,
        String peer,
        List<String> policies,
        Rights anonymous,
        String users,
        List<String> subtrees,
        int nodesMax,
        int sessionsMax,
        int itemsMax,
        int queueMax,
        int historyMax,
        int writesMax,
        int messageBytesMax) {
    /** What somebody may do. */
    enum Rights {
        NONE,
        READ,
        WRITE;

        static Rights parse(String text) {
            return switch (text) {
                case "none" -> NONE;
                case "read" -> READ;
                case "write" -> WRITE;
                default -> throw new IllegalArgumentException("rights are none, read or write, not '" + text + "'");
            };
        }
    }

    OpcUaSettings {
        policies = List.copyOf(policies);
        subtrees = List.copyOf(subtrees);
    }

    /** Reads the properties of a context. */
    static OpcUaSettings of(CamelContext context) {
        SettingsReader in = new SettingsReader(context, "the OPC UA server", "bactrian.federation.opcua.");
        OpcUaSettings settings = new OpcUaSettings(
                in.text("host"),
                in.number("port", 1, SettingsReader.PORT_MAX),
                in.text("peer"),
                in.list("policies"),
                in.oneOf("anonymous", Rights.class),
                in.text("users"),
                in.list("subtrees"),
                in.number("nodes.max", 1),
                in.number("sessions.max", 1),
                in.number("items.max", 1),
                in.number("queue.max", 1),
                in.number("history.max", 1),
                in.number("writes.max", 1),
                in.number("message.bytesMax", 1));
        in.check();
        return settings;
    }
}
