package io.bactrian.federation.routes;

import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyNode;
import io.bactrian.support.text.RawValue;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The properties that a process of the federation derives from the topology and its own id: addresses and keys, as the
 * properties {@code
 * bactrian.node.*} that the routes name. Immutable.
 *
 * @param values the properties by name
 */
record NodeProperties(Map<String, String> values) {
    /** What the names begin with. */
    static final String PREFIX = "bactrian.node.";

    /** A producer needs some address, also where its route never starts. */
    private static final String NOWHERE = "tcp://127.0.0.1:1";

    NodeProperties {
        values = Map.copyOf(values);
    }

    /** The folder of one process below the data folder. */
    static Path folder(Path data, Member self) {
        return data.resolve(self.id());
    }

    /** The secret CURVE key of a process. */
    static Path curveKeyFile(Path keys, Member member) {
        return keys.resolve(member.id() + ".key_secret");
    }

    /** The folder with the public keys of those who may connect. */
    static Path admitted(Path data, Member self) {
        return folder(data, self).resolve("admitted");
    }

    /** Derives the properties of one process. */
    static NodeProperties of(Topology topology, Member self, Path data, Path keys) {
        Map<String, String> values = new HashMap<>();
        TopologyNode node = topology.node(self.node());
        values.put("id", self.id());
        values.put("node", self.node());
        values.put(
                "journal",
                "folder=" + RawValue.of(folder(data, self).resolve("state").toString()));
        values.put(
                "historyJournal",
                "folder=" + RawValue.of(folder(data, self).resolve("history").toString()));
        values.put("south", self.south());
        values.put("clients", self.address(self.northPort()));
        values.put("publish", self.address(self.northPort() + 1));
        values.put("updates", self.address(self.northPort() + 2));
        List<Member> parents = node.parent().isEmpty()
                ? List.of()
                : topology.node(node.parent()).members();
        peer(values, "parent", parents.isEmpty() ? null : parents.get(0), topology, self, data, keys);
        peer(values, "parentBackup", parents.size() < 2 ? null : parents.get(1), topology, self, data, keys);
        Member primary = self.place().equals("backup") ? node.members().get(0) : null;
        peer(values, "peer", primary, topology, self, data, keys);
        if (topology.curve()) {
            values.put("security.south", "curve");
            values.put("security.south.curveKeyFile", curveKeyFile(keys, self).toString());
            values.put("security.south.curveClientKeys", admitted(data, self).toString());
        }
        return new NodeProperties(values);
    }

    private static void peer(
            Map<String, String> values,
            String name,
            @Nullable Member member,
            Topology topology,
            Member self,
            Path data,
            Path keys) {
        values.put(name, member == null ? NOWHERE : member.south());
        values.put(
                "has" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1),
                Boolean.toString(member != null));
        if (topology.curve() && member != null) {
            String prefix = "security." + name;
            values.put(prefix, "curve");
            values.put(prefix + ".curveKeyFile", curveKeyFile(keys, self).toString());
            values.put(
                    prefix + ".curveServerKeyFile",
                    NodeKeys.peerFile(folder(data, self), member).toString());
        }
    }
}
