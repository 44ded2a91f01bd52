package io.bactrian.federation.routes;

import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.NodeSettings;
import io.bactrian.federation.core.Topology;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.util.TimeUtils;

/**
 * What the properties of a context say about its node.
 *
 * @param topologyFile the file of the topology
 * @param topology the topology
 * @param self which process this is
 * @param data the folder of all processes of federations
 * @param keys the folder of secret keys
 * @param node bounds and intervals
 * @param journalRecords so many records in the journal at least before a snapshot is written
 */
record FederationSettings(
        Path topologyFile,
        Topology topology,
        Member self,
        Path data,
        Path keys,
        NodeSettings node,
        int journalRecords) {
    static final String KEYS = "bactrian.federation.";

    /** Reads the properties; {@link IllegalArgumentException} says what is wrong. */
    static FederationSettings of(CamelContext context) {
        Reader reader = new Reader(context);
        Path file = Path.of(reader.text("topology"));
        Topology topology = TopologyFile.read(file);
        String id = reader.text("node");
        if (id.isEmpty()) {
            throw new IllegalArgumentException("bactrian.federation.node is not set: give --node ID with an id of "
                    + file + ", such as " + topology.root());
        }
        NodeSettings node = new NodeSettings(
                reader.millis("heartbeat"),
                reader.millis("silence"),
                reader.number("keys.max"),
                reader.number("value.bytesMax"),
                reader.number("deletions.max"),
                reader.number("commands.max"),
                reader.millis("commands.ageMax"),
                100);
        return new FederationSettings(
                file,
                topology,
                topology.member(id),
                Path.of(reader.text("data")),
                Path.of(reader.text("keys.folder")),
                node,
                reader.number("journal.records"));
    }

    /** The same with another topology. */
    FederationSettings with(Topology next, Member member) {
        return new FederationSettings(topologyFile, next, member, data, keys, node, journalRecords);
    }

    private record Reader(CamelContext context) {
        String text(String key) {
            return context.resolvePropertyPlaceholders("{{" + KEYS + key + "}}").strip();
        }

        int number(String key) {
            return Integer.parseInt(text(key));
        }

        long millis(String key) {
            return Duration.ofMillis(TimeUtils.toMilliSeconds(text(key))).toMillis();
        }
    }
}
