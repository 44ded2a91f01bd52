package io.bactrian.federation.opcua;

import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.StateEntry;
import io.bactrian.federation.routes.FederationNode;
import io.bactrian.federation.routes.HistoryStore;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.text.RateLimitedLog;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.BuildInfo;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bean of the route {@code serve-opcua}: an OPC UA server with the state of this node. Any thread. */
public final class OpcUaService extends ContextLife {
    private static final Logger LOG = LoggerFactory.getLogger(OpcUaService.class);
    private static final String PRODUCT = "urn:bactrian:federation";
    private static final int THREADS = 16;
    private static final int STARTUP_S = 30;

    private final CamelContext context;
    private final FederationNode node;
    private final HistoryStore history;
    private final RateLimitedLog lines = new RateLimitedLog(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final Consumer<List<StateEntry>> watcher = this::changed;
    private volatile @Nullable Running running;

    /** What is there while the server runs. */
    private record Running(
            OpcUaServer server,
            StateNamespace state,
            Redundancy redundancy,
            Certificates certificates,
            ExecutorService executor,
            ScheduledExecutorService timer) {}

    OpcUaService(CamelContext context, FederationNode node, HistoryStore history) {
        this.context = context;
        this.node = node;
        this.history = history;
    }

    @Override
    protected void lifeBegins() throws Exception {
        OpcUaSettings settings = OpcUaSettings.of(context);
        Users users = Users.of(settings);
        String federation = node.topology().name();
        Member self = node.self();
        String uri = Endpoints.applicationUri(federation, self);
        Certificates certificates =
                new Certificates(node.folder().resolve("opcua"), uri, Endpoints.host(settings, self));
        ExecutorService executor =
                context.getExecutorServiceManager().newFixedThreadPool(this, "opcua-server", THREADS);
        ScheduledExecutorService timer =
                context.getExecutorServiceManager().newScheduledThreadPool(this, "opcua-timer", 2);
        OpcUaServer server = new OpcUaServer(
                OpcUaServerConfig.builder()
                        .setApplicationName(LocalizedText.english("Bactrian " + self.id()))
                        .setApplicationUri(uri)
                        .setProductUri(PRODUCT)
                        .setBuildInfo(new BuildInfo(PRODUCT, "Bactrian", "Bactrian", "", "", DateTime.NULL_VALUE))
                        .setCertificateManager(certificates.manager())
                        .setIdentityValidator(Endpoints.identities(users))
                        .setEndpoints(Endpoints.of(settings, self, certificates.own(), users))
                        .setLimits(Endpoints.limits(settings))
                        .setEncodingLimits(encodingLimits(settings.messageBytesMax()))
                        .setExecutor(executor)
                        .setScheduledExecutor(timer)
                        .build(),
                profile -> profile == TransportProfile.TCP_UASC_UABINARY
                        ? new OpcTcpServerTransport(OpcTcpServerTransportConfig.newBuilder()
                                .setExecutor(executor)
                                .build())
                        : null);
        HistoryAnswers answers = new HistoryAnswers(history, server.getStaticEncodingContext(), settings.historyMax());
        StateDesk desk = new StateDesk(node, answers, users, this::value, this::event, settings.writesMax());
        StateNamespace state = new StateNamespace(server, federation, settings, desk);
        state.startup();
        Redundancy redundancy = new Redundancy(server);
        running = new Running(server, state, redundancy, certificates, executor, timer);
        showPair(settings, federation, self, redundancy);
        node.watch(watcher).forEach(state::apply);
        refresh();
        server.startup().get(STARTUP_S, TimeUnit.SECONDS);
        OpcUaHealthCheck.register(context, this);
        OpcUaMeters.bind(context, this);
        LOG.info("node={} serves OPC UA at opc.tcp://{}:{}", self.id(), settings.host(), settings.port());
    }

    private static EncodingLimits encodingLimits(int bytesMax) {
        int chunk = EncodingLimits.DEFAULT_MAX_CHUNK_SIZE;
        return new EncodingLimits(
                chunk, Math.max(1, bytesMax / chunk + 1), bytesMax, EncodingLimits.DEFAULT_MAX_RECURSION_DEPTH);
    }

    private void showPair(OpcUaSettings settings, String federation, Member self, Redundancy redundancy) {
        List<Member> members = node.topology().node(self.node()).members();
        if (members.size() > 1) {
            List<String> uris = members.stream()
                    .map(member -> Endpoints.applicationUri(federation, member))
                    .toList();
            Member peer = members.get(members.get(0).id().equals(self.id()) ? 1 : 0);
            redundancy.show(uris, Endpoints.applicationUri(federation, peer), settings.peer());
        }
    }

    /** Looks at who acts, and whose keys are old. Called at intervals. */
    public void refresh() {
        Running now = running;
        if (now != null) {
            boolean active = node.active();
            boolean pair = !node.self().place().isEmpty();
            boolean peer = node.topology().node(node.self().node()).members().stream()
                    .anyMatch(member -> node.reachable().contains(member.id()));
            now.redundancy()
                    .level(active || !pair ? Redundancy.ACTIVE : peer ? Redundancy.PASSIVE : Redundancy.CUT_OFF);
            Set<String> unreached = node.unreached();
            Set<String> old = node.oldPoints();
            now.state().stale(entry -> unreached.contains(entry.owner()) || old.contains(entry.key()));
        }
    }

    private void changed(List<StateEntry> entries) {
        Running now = running;
        if (now != null) {
            entries.forEach(now.state()::apply);
            count("changes", entries.size());
        }
    }

    private @Nullable Variant value(String key) {
        Running now = running;
        return now == null ? null : now.state().value(key);
    }

    private void event(String kind, String text) {
        count(kind, 1);
        if (kind.equals("written")) {
            LOG.debug("{}", text);
        } else if (lines.admit(kind, "") >= 0) {
            LOG.warn("node={} {}: {}", node.self().id(), kind, text);
        }
    }

    private void count(String kind, int times) {
        counters.computeIfAbsent(kind, name -> new LongAdder()).add(times);
    }

    /** Why not everything is served, empty if it is. */
    String problem() {
        if (running == null) {
            return "the OPC UA server does not run";
        }
        return figure("full") == 0
                ? ""
                : "some keys are not served, see the log and bactrian.federation.opcua.nodes.max";
    }

    /** One of the figures; 0 if there is none. */
    double figure(String name) {
        return figures().get(name) instanceof Number number ? number.doubleValue() : 0;
    }

    /** Returns the figures for an operator. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = new TreeMap<>();
        Running now = running;
        if (now != null) {
            figures.put("keys", now.state().size());
            figures.put(
                    "sessions",
                    now.server().getSessionManager().getAllSessions().size());
            figures.put("items", now.server().getMonitoredItemCount().get());
        }
        counters.forEach((name, count) -> figures.put(name, count.sum()));
        return figures;
    }

    @Override
    protected void lifeEnds() throws IOException, InterruptedException {
        Running was = running;
        running = null;
        node.unwatch(watcher);
        if (was != null) {
            try {
                was.server().shutdown().get(STARTUP_S, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                LOG.warn(
                        "node={} the OPC UA server has not stopped", node.self().id(), e);
            }
            was.state().shutdown();
            context.getExecutorServiceManager().shutdownNow(was.timer());
            context.getExecutorServiceManager().shutdownNow(was.executor());
            was.certificates().close();
        }
    }
}
