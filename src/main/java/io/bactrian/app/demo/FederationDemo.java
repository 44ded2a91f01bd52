package io.bactrian.app.demo;

import io.bactrian.app.Terminal;
import io.bactrian.app.cli.NodeTable;
import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyNode;
import io.bactrian.federation.routes.CommandRefusedException;
import io.bactrian.federation.routes.StateClient;
import io.bactrian.federation.routes.TopologyFile;
import io.bactrian.support.context.ContextLife;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.StartupListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The demonstration of the federation: a root, a pair below it, and a robot and a tunnel below those, each a process. The acting
 * process of the pair is killed, the root is killed, the robot is told its speed. Used by routes, one call at a time.
 */
public final class FederationDemo extends ContextLife implements CamelContextAware {
    private static final Logger LOG = LoggerFactory.getLogger(FederationDemo.class);
    private static final String ROOT = "nodes.root";
    private static final String PLANT = "nodes.root.plant";
    private static final String ROBOT = "nodes.root.plant.robot";
    private static final String TUNNEL = "nodes.root.tunnel";
    private static final String SPEED = "robot.speed";
    private static final long ANSWER_MS = 3_000;
    private static final int PROBE_MS = 200;
    private static final long STOP_MS = 6_000;
    private static final int HISTORY_PORT = 4;

    /** What happens, one after the other, again and again. */
    private enum Turn {
        KILL_THE_ACTING,
        START_IT_AGAIN,
        SET_THE_SPEED,
        KILL_THE_ROOT,
        START_THE_ROOT
    }

    private final Map<String, DemoProcess> processes = new LinkedHashMap<>();
    private final Map<String, StateClient> clients = new LinkedHashMap<>();
    private @Nullable CamelContext context;
    private @Nullable Topology topology;
    private String killed = "";
    private int turns;
    private boolean complete;
    private String shown = "";

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    @Override
    public CamelContext getCamelContext() {
        return Objects.requireNonNull(context, "the bean has no context");
    }

    private String value(String key) {
        return getCamelContext().resolvePropertyPlaceholders("{{" + key + "}}").strip();
    }

    private int port(int offset) {
        return Integer.parseInt(value("bactrian.demo.federation.port")) + offset;
    }

    private Topology topology() {
        return Objects.requireNonNull(topology, "not started");
    }

    /** The nodes start when the context has, and end with it. */
    public void begin() throws Exception {
        FederationDemo demo = this;
        getCamelContext().addStartupListener(new StartupListener() {
            @Override
            public void onCamelContextStarted(CamelContext started, boolean already) throws Exception {
                // Camel reads the beans of a route file twice; the last one is the one that routes use.
                if (started.getRegistry().findByType(FederationDemo.class).contains(demo)) {
                    demo.liveWith(started);
                }
            }
        });
    }

    private String process(String indent, int offset) {
        return indent + "southPort: " + port(offset) + "\n" + indent + "northPort: " + port(offset + 1) + "\n";
    }

    private String tree() {
        return "federation: demonstration\nnodes:\n  root:\n    owns: [site]\n" + process("    ", 0)
                + "    children:\n      plant:\n        owns: [plant]\n        primary:\n" + process("          ", 10)
                + "        backup:\n" + process("          ", 20)
                + "        children:\n          robot:\n            owns: [robot]\n" + process("            ", 30)
                + "      tunnel:\n        owns: [tunnel]\n" + process("        ", 40);
    }

    @Override
    protected synchronized void lifeBegins() throws Exception {
        Path data = Files.createDirectories(Path.of(value("bactrian.data")).toAbsolutePath());
        Path file = data.resolve("topology.yaml");
        Files.writeString(file, tree());
        topology = TopologyFile.read(file);
        for (TopologyNode node : topology().nodes()) {
            for (Member member : node.members()) {
                List<String> roles = new ArrayList<>(List.of("node"));
                if (node.id().equals(ROOT)) {
                    roles.add("history");
                } else if (node.id().equals(ROBOT)) {
                    roles.add("robot");
                }
                DemoProcess process = DemoProcess.run(
                        data,
                        member.id(),
                        roles,
                        DemoProcess.freePort(),
                        List.of(
                                "bactrian.federation.topology=" + file,
                                "bactrian.federation.node=" + member.id(),
                                "bactrian.federation.heartbeat=300ms",
                                "bactrian.federation.silence=1500ms",
                                "bactrian.federation.http.port=" + port(HISTORY_PORT)));
                process.start();
                processes.put(member.id(), process);
            }
        }
        LOG.info(
                "{} nodes start; one of them answers: bactrian state get robot. --node {} --set bactrian.federation.topology={}",
                processes.size(),
                ROOT,
                file);
        LOG.info(
                "what the axis did is at http://127.0.0.1:{}/federation/chart.svg?name=robot.axis", port(HISTORY_PORT));
    }

    /** The next thing happens, once all nodes were there. */
    public synchronized void turn() throws Exception {
        Turn next = Turn.values()[turns % Turn.values().length];
        boolean starts = next == Turn.START_IT_AGAIN || next == Turn.START_THE_ROOT;
        if (!complete || !lives() || (!starts && somebodyIsSilent())) {
            return;
        }
        turns++;
        switch (next) {
            case KILL_THE_ACTING -> {
                killed = PLANT + "[" + state().getOrDefault(PLANT + ".active", "primary") + "]";
                kill(killed);
            }
            case START_IT_AGAIN -> start(killed);
            case SET_THE_SPEED -> {
                String speed = state().getOrDefault(SPEED, "1").equals("3") ? "1" : "3";
                LOG.info("the root tells the robot: speed {}", speed);
                client(ROOT).set(SPEED, speed.getBytes(StandardCharsets.UTF_8), 0, ANSWER_MS);
            }
            case KILL_THE_ROOT -> kill(ROOT);
            case START_THE_ROOT -> start(ROOT);
        }
    }

    /** One that was started again needs its time. */
    private boolean somebodyIsSilent() {
        return state().entrySet().stream()
                .anyMatch(entry -> entry.getKey().contains(".alarms.silent-")
                        && !entry.getValue().startsWith("closed"));
    }

    private void kill(String member) throws InterruptedException {
        LOG.info("{} is killed", member);
        process(member).kill();
    }

    private void start(String member) throws IOException {
        if (!process(member).isAlive()) {
            LOG.info("{} is started again", member);
            process(member).start();
        }
    }

    private DemoProcess process(String member) {
        return Objects.requireNonNull(processes.get(member), member);
    }

    private StateClient client(String member) {
        return clients.computeIfAbsent(
                member, id -> StateClient.connect(topology(), topology().member(id), Path.of(value("bactrian.data"))));
    }

    private static boolean listens(Member member) {
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(member.host(), member.northPort()), PROBE_MS);
            return true;
        } catch (IOException e) {
            LOG.debug("{} does not listen yet", member.id(), e);
            return false;
        }
    }

    /** What the first node that answers knows; empty if none does. */
    private Map<String, String> state() {
        for (String node : List.of(ROOT, TUNNEL, ROBOT)) {
            if (process(node).isAlive() && listens(topology().member(node))) {
                try {
                    Map<String, String> known = new LinkedHashMap<>(client(node).snapshot("", ANSWER_MS));
                    known.put("", node);
                    return known;
                } catch (CommandRefusedException e) {
                    // One that has just started does not answer yet, and its late answer is not one to the next
                    // question.
                    LOG.debug("{} does not answer", node, e);
                    Objects.requireNonNull(clients.remove(node)).close();
                }
            }
        }
        return Map.of();
    }

    /** The tree with what its nodes say; empty if nothing that matters has changed and nobody sits at a terminal. */
    public synchronized String picture() {
        if (!lives()) {
            return "";
        }
        Map<String, String> state = state();
        List<String> open = state.entrySet().stream()
                .filter(entry ->
                        entry.getKey().contains(".alarms.") && !entry.getValue().startsWith("closed"))
                .map(entry -> "  alarm  " + entry.getKey().replaceFirst("^nodes\\.", "") + "  "
                        + entry.getValue().replaceFirst("^(\\w+) \\d+ ", "$1: "))
                .toList();
        complete =
                complete || (open.isEmpty() && state.containsKey(PLANT + ".active") && state.containsKey("robot.axis"));
        StringBuilder text = new StringBuilder();
        for (TopologyNode node : topology().nodes()) {
            int depth = node.id().split("\\.").length - 2;
            text.append("  ".repeat(depth)).append(node.id().substring(node.id().lastIndexOf('.') + 1));
            for (Member member : node.members()) {
                String place = member.place().isEmpty() ? "" : member.place() + " ";
                boolean acts = member.place().equals(state.get(node.id() + ".active"));
                text.append("  ")
                        .append(place)
                        .append(process(member.id()).isAlive() ? acts ? "acts" : "runs" : "is dead");
            }
            text.append(System.lineSeparator());
        }
        open.forEach(line -> text.append(line).append(System.lineSeparator()));
        boolean live = Terminal.stdoutIsTerminal();
        if (!live && text.toString().equals(shown)) {
            return "";
        }
        shown = text.toString();
        String head = state.isEmpty()
                ? "no node answers yet"
                : "as " + state.get("") + " knows it: the axis stands at " + state.get("robot.axis")
                        + " degrees, speed " + state.getOrDefault(SPEED, "1");
        return (live ? NodeTable.CLEAR : "") + head + System.lineSeparator() + text;
    }

    /** Writes the picture. */
    public void show(String picture) {
        System.out.print(picture);
        System.out.flush();
    }

    @Override
    protected synchronized void lifeEnds() throws Exception {
        clients.values().forEach(StateClient::close);
        clients.clear();
        processes.values().forEach(DemoProcess::askToStop);
        for (DemoProcess process : processes.values()) {
            process.awaitStop(STOP_MS);
        }
        processes.clear();
    }
}
