package io.bactrian.federation.routes;

import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.Signatures;
import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyNode;
import io.bactrian.support.file.DurableFiles;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The files with the public keys that a process needs of its neighbours, written from the topology: {@code admitted/} has
 * those who may connect here, {@code peers/} those that this process connects to.
 */
final class NodeKeys {
    private NodeKeys() {}

    /** The public certificate of a process that is connected to. */
    static Path peerFile(Path folder, Member member) {
        return folder.resolve("peers").resolve(member.id() + ".key");
    }

    /** Writes what the topology says; files of others, such as those of clients, stay. */
    static void write(Topology topology, Member self, Path data) throws IOException {
        Path folder = NodeProperties.folder(data, self);
        TopologyNode node = topology.node(self.node());
        List<Member> below = new ArrayList<>(node.members());
        node.children().forEach(child -> below.addAll(topology.node(child).members()));
        List<Member> above = new ArrayList<>(node.members());
        if (!node.parent().isEmpty()) {
            above.addAll(topology.node(node.parent()).members());
        }
        writeAll(folder.resolve("admitted"), below);
        writeAll(folder.resolve("peers"), above);
    }

    private static void writeAll(Path folder, List<Member> members) throws IOException {
        Files.createDirectories(folder);
        Set<String> names = new HashSet<>();
        for (Member member : members) {
            String name = member.id() + ".key";
            names.add(name);
            String text = CurveCertificate.publicText(CurveKey.parse(member.publicKey()), Map.of("name", member.id()));
            Path file = folder.resolve(name);
            if (!Files.exists(file) || !sameKey(file, member.publicKey())) {
                DurableFiles.replace(file, text.getBytes(StandardCharsets.UTF_8));
            }
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "nodes.*.key")) {
            for (Path file : files) {
                if (!names.contains(String.valueOf(file.getFileName()))) {
                    Files.delete(file);
                }
            }
        }
    }

    private static boolean sameKey(Path file, String key) throws IOException {
        return CurveCertificate.read(file).publicKey().z85().equals(key);
    }

    /** The signatures of a process: none without keys in the topology. */
    static Signatures signatures(Topology topology, Member self, Path keys) {
        return self.signKey().isEmpty() ? Signatures.NONE : new Ed25519Signatures(topology, self, keys);
    }
}
