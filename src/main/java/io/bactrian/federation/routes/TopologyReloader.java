package io.bactrian.federation.routes;

import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.Signatures;
import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyChange;
import io.bactrian.federation.core.TopologyException;
import io.bactrian.federation.core.TopologyNode;
import io.bactrian.support.file.DurableFiles;
import io.bactrian.support.text.FileErrors;
import io.bactrian.zeromq.socket.CurveCertificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean of the route {@code watch-topology}: when the file of the topology has changed, the running node goes on with what is
 * in it, and the routes to those whose address or key is another one are loaded anew. What cannot be taken over is refused as a
 * whole, with the reasons in the log and in an alarm; the node goes on with the former topology. For one thread at a time.
 */
public final class TopologyReloader {
    private static final Logger LOG = LoggerFactory.getLogger(TopologyReloader.class);
    private static final String COPY = "topology.yaml";
    private static final byte[] PROBE = "probe".getBytes(StandardCharsets.UTF_8);

    private final CamelContext context;
    private final Supplier<FederationNode> node;
    private final Consumer<FederationSettings> use;
    private FederationSettings settings;
    private String lookedAt = "";
    private String decided;
    /** The text of the topology with which the node runs; empty until the file is seen to have it. */
    private String taken;

    private String copied = "";

    TopologyReloader(
            CamelContext context,
            FederationSettings settings,
            Supplier<FederationNode> node,
            Consumer<FederationSettings> use) {
        this.context = context;
        this.settings = settings;
        this.node = node;
        this.use = use;
        String text = text(settings.topologyFile());
        // The file may have changed since it was read for the settings.
        this.taken = same(settings, text) ? text : "";
        this.decided = taken;
    }

    private static boolean same(FederationSettings settings, String text) {
        try {
            Topology topology = TopologyFile.parse(settings.topologyFile().toString(), text);
            return TopologyChange.changes(settings.topology(), topology).isEmpty();
        } catch (TopologyException e) {
            LOG.debug("the topology has changed since this process read it", e);
            return false;
        }
    }

    /** The topology with which a process ran last, null if that is not known. */
    static @Nullable Topology former(FederationSettings settings) {
        Path copy = copy(settings);
        if (!Files.exists(copy)) {
            return null;
        }
        try {
            return TopologyFile.read(copy);
        } catch (TopologyException e) {
            LOG.warn("the topology of the last run is not known: {}", e.getMessage());
            return null;
        }
    }

    private static Path copy(FederationSettings settings) {
        return NodeProperties.folder(settings.data(), settings.self()).resolve(COPY);
    }

    /** Looks at the file. A file that is being written is not taken: it must be the same at two looks. */
    public synchronized void look() {
        lookAtFile();
        // Not before: after a crash the node must see what has changed since what it had on its disk.
        if (!taken.equals(copied) && node.get().keptTopology() == settings.topology()) {
            keepCopy(taken);
        }
    }

    private void lookAtFile() {
        String text = text(settings.topologyFile());
        boolean settled = text.equals(lookedAt);
        lookedAt = text;
        if (!settled || text.equals(decided)) {
            return;
        }
        decided = text;
        try {
            Topology next = TopologyFile.parse(settings.topologyFile().toString(), text);
            TopologyChange change = TopologyChange.of(settings.topology(), next, settings.self());
            if (!change.refusals().isEmpty()) {
                refuse(String.join("; ", change.refusals()));
            } else {
                take(next, change.changes());
                taken = text;
            }
        } catch (TopologyException | UnsuitableKeysException e) {
            refuse(String.valueOf(e.getMessage()));
        }
    }

    private void refuse(String reasons) {
        LOG.warn(
                "node={} goes on with its former topology, as it cannot take over {}: {}",
                settings.self().id(),
                settings.topologyFile(),
                reasons);
        node.get().topologyRefused(reasons);
    }

    private void take(Topology next, List<String> changes) {
        Member self = next.member(settings.self().id());
        FederationSettings former = settings;
        FederationSettings taken = former.with(next, self);
        Signatures signatures = suitable(taken);
        use.accept(taken);
        settings = taken;
        node.get().change(next, signatures);
        boolean otherKey = !former.self().publicKey().equals(self.publicKey());
        if (otherKey || !above(former).equals(above(taken))) {
            load("hear-parent");
        }
        if (otherKey) {
            load("hear-children");
            load("hear-clients");
        }
        changes.forEach(change -> LOG.info("node={} topology: {}", self.id(), change));
    }

    /** The secret keys of this process must be those whose public ones are in the topology. */
    private static Signatures suitable(FederationSettings taken) {
        Member self = taken.self();
        String unsuitable = self.id() + " has other secret keys in " + taken.keys()
                + " than the public ones of the topology: put the secret keys there first, then change the topology";
        try {
            Signatures signatures = NodeKeys.signatures(taken.topology(), self, taken.keys());
            Path curve = NodeProperties.curveKeyFile(taken.keys(), self);
            boolean same = !taken.topology().curve()
                    || CurveCertificate.read(curve).publicKey().z85().equals(self.publicKey());
            if (!same || !signatures.valid(self.node(), PROBE, signatures.sign(PROBE))) {
                throw new UnsuitableKeysException(unsuitable, null);
            }
            return signatures;
        } catch (IOException | RuntimeException e) {
            throw e instanceof UnsuitableKeysException unsuitableKeys
                    ? unsuitableKeys
                    : new UnsuitableKeysException(unsuitable + " (" + FileErrors.why(e) + ")", e);
        }
    }

    /** Those that this process connects to. */
    private static List<Member> above(FederationSettings settings) {
        TopologyNode own = settings.topology().node(settings.self().node());
        List<Member> above = new ArrayList<>(own.members());
        if (!own.parent().isEmpty()) {
            above.addAll(settings.topology().node(own.parent()).members());
        }
        above.removeIf(member -> member.id().equals(settings.self().id()));
        return above;
    }

    /** Loads the file that has a route, with the addresses and keys of now. */
    private void load(String route) {
        Route running = context.getRoute(route);
        Resource resource = running == null ? null : running.getSourceResource();
        if (resource == null) {
            LOG.warn(
                    "node={} route {} is not loaded anew, as it comes from no file: restart this process",
                    settings.self().id(),
                    route);
            return;
        }
        try {
            PluginHelper.getRoutesLoader(context).updateRoutes(resource);
        } catch (Exception e) {
            LOG.error(
                    "node={} the routes of {} cannot be loaded anew: restart this process",
                    settings.self().id(),
                    resource.getLocation(),
                    e);
        }
    }

    private static String text(Path file) {
        try {
            return TopologyFile.text(file);
        } catch (IOException e) {
            return "the file cannot be read: " + FileErrors.why(e);
        }
    }

    private void keepCopy(String text) {
        Path copy = copy(settings);
        try {
            Files.createDirectories(copy.resolveSibling("."));
            DurableFiles.replace(copy, text.getBytes(StandardCharsets.UTF_8));
            copied = text;
        } catch (IOException e) {
            LOG.warn(
                    "node={} cannot keep a copy of the topology at {}",
                    settings.self().id(),
                    copy,
                    e);
        }
    }

    /** The keys of this process are not those of the topology. */
    private static final class UnsuitableKeysException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private UnsuitableKeysException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
