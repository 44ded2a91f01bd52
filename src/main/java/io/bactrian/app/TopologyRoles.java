package io.bactrian.app;

import io.bactrian.federation.core.TopologyException;
import io.bactrian.federation.core.TopologyNode;
import io.bactrian.federation.routes.TopologyFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The further roles that the topology of a federation gives to a node: its processes run them beside the role {@code node}. */
final class TopologyRoles {
    private static final String NODE = "node";

    private TopologyRoles() {}

    /**
     * The roles that a process of a node lacks, in the order of the topology; none if it is no node.
     *
     * @throws ConfigurationException if the topology is wrong, or names a role that is not there
     */
    static List<String> missing(Configuration configuration) {
        String id = configuration.find("bactrian.federation.node").orElse("");
        if (!configuration.roles().contains(NODE) || id.isBlank()) {
            return List.of();
        }
        Path file = Path.of(configuration.get("bactrian.federation.topology"));
        List<String> missing = new ArrayList<>(roles(file, id.strip()));
        missing.removeAll(configuration.roles());
        List<String> problems = missing.stream()
                .filter(role -> configuration.home().roleArguments(role).isEmpty())
                .map(role -> file + " gives the role '" + role + "' to " + id + ", but there is no file"
                        + " config/application-" + role + ".properties")
                .toList();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return missing;
    }

    private static List<String> roles(Path file, String id) {
        try {
            var topology = TopologyFile.read(file);
            TopologyNode node = topology.node(topology.member(id).node());
            return node.roles();
        } catch (TopologyException | IllegalArgumentException e) {
            throw new ConfigurationException(List.of(String.valueOf(e.getMessage())));
        }
    }
}
