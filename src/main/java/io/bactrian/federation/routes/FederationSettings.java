package io.bactrian.federation.routes;

import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.NodeSettings;
import io.bactrian.federation.core.Topology;
import io.bactrian.support.config.SettingsReader;
import java.nio.file.Path;
import org.apache.camel.CamelContext;

/**
 * The settings of the node of a context.
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
        SettingsReader in = new SettingsReader(context, "the federation", KEYS);
        Path file = Path.of(in.text("topology"));
        Topology topology = TopologyFile.read(file);
        String id = in.text("node");
        if (id.isEmpty()) {
            throw new IllegalArgumentException("bactrian.federation.node is not set: give --node ID with an id of "
                    + file + ", such as " + topology.root());
        }
        NodeSettings node = new NodeSettings(
                in.duration("heartbeat").toMillis(),
                in.duration("silence").toMillis(),
                in.number("keys.max", 1),
                in.number("value.bytesMax", 1),
                in.number("deletions.max", 1),
                in.number("commands.max", 1),
                in.duration("commands.ageMax").toMillis(),
                100);
        FederationSettings settings = new FederationSettings(
                file,
                topology,
                topology.member(id),
                Path.of(in.text("data")),
                Path.of(in.text("keys.folder")),
                node,
                in.number("journal.records", 1));
        in.check();
        return settings;
    }

    /** The same with another topology. */
    FederationSettings with(Topology next, Member member) {
        return new FederationSettings(topologyFile, next, member, data, keys, node, journalRecords);
    }
}
