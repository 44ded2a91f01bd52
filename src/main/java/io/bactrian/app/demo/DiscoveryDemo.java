package io.bactrian.app.demo;

import io.bactrian.app.Terminal;
import io.bactrian.app.cli.NodeTable;
import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.routes.NodeClient;
import io.bactrian.discovery.routes.Queries;
import io.bactrian.discovery.routes.RouterNode;
import io.bactrian.support.context.ContextLife;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.StartupListener;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The demonstration of the discovery. The router of this context is the first; two more are processes. Twelve sensors are
 * pairs of routes, made from the templates of the demonstration's route file. Sensors die without a word and come back, and
 * the third router is killed as kill -9 does and comes back. Used by routes, one call at a time.
 */
public final class DiscoveryDemo extends ContextLife implements CamelContextAware {
    private static final Logger LOG = LoggerFactory.getLogger(DiscoveryDemo.class);
    private static final String KEYS = "bactrian.discovery.";
    private static final List<String> PORTS = List.of("register", "publish", "publications", "publishers", "gossip");
    private static final List<String> ROUTES_OF_SENSOR = List.of("-answers-pings", "-registers");
    private static final int ROUTERS = 3;
    private static final int SENSORS = 12;
    private static final int DEAD_MAX = 4;
    private static final int ROUTER_EVERY_TURNS = 6;
    private static final long LEASE_MS = 10_000;
    private static final long STOP_MS = 6_000;

    private final Random random = new Random();
    private final TreeSet<Integer> dead = new TreeSet<>();
    private final List<DemoProcess> routers = new ArrayList<>();
    private @Nullable CamelContext context;
    private boolean complete;
    private int turns;
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

    private int number(String key) {
        return Integer.parseInt(value(key));
    }

    /** An address or a port of this router, as the router with that number has it. */
    private String moved(String key, int router) {
        String address = value(KEYS + key);
        int port = address.lastIndexOf(':') + 1;
        return address.substring(0, port)
                + (Integer.parseInt(address.substring(port)) + router * number("bactrian.demo.discovery.portStep"));
    }

    /** The other routers and the sensors start when the context has, and end with it. */
    public void prepare() throws Exception {
        DiscoveryDemo demo = this;
        getCamelContext().addStartupListener(new StartupListener() {
            @Override
            public void onCamelContextStarted(CamelContext started, boolean already) {
                // Routes that are added here would not be started.
            }

            @Override
            public void onCamelContextFullyStarted(CamelContext started, boolean already) throws Exception {
                // Camel reads the beans of a route file twice; the last one is the one that routes use.
                if (started.getRegistry().findByType(DiscoveryDemo.class).contains(demo)) {
                    demo.liveWith(started);
                }
            }
        });
    }

    @Override
    protected synchronized void lifeBegins() throws Exception {
        Path data = Files.createDirectories(Path.of(value("bactrian.data")).toAbsolutePath());
        for (int i = 1; i < ROUTERS; i++) {
            DemoProcess router =
                    DemoProcess.run(data, "router-" + (i + 1), List.of("router"), DemoProcess.freePort(), settings(i));
            router.start();
            routers.add(router);
        }
        int port = number("bactrian.demo.discovery.port");
        for (int i = 0; i < SENSORS; i++) {
            Map<String, Object> parameters = Map.of(
                    "sensor",
                    name(i),
                    "number",
                    i,
                    "port",
                    port + i,
                    "first",
                    moved("register", i % ROUTERS),
                    "second",
                    moved("register", (i + 1) % ROUTERS));
            for (String route : ROUTES_OF_SENSOR) {
                getCamelContext().addRouteFromTemplate(name(i) + route, "sensor" + route, parameters);
            }
        }
    }

    private List<String> settings(int router) {
        List<String> settings = new ArrayList<>();
        for (String key : PORTS) {
            settings.add(KEYS + key + "=" + moved(key, router));
        }
        settings.add(KEYS + "http.port=" + moved("http.port", router));
        settings.add(KEYS + "id=router-" + (router + 1));
        settings.add(KEYS + "seeds=" + value(KEYS + "gossip"));
        return settings;
    }

    private static String name(int sensor) {
        return String.format(Locale.ROOT, "sensor-%02d", sensor + 1);
    }

    /** Returns the four frames with which a sensor registers, those of the reference. */
    public List<byte[]> announcement(int sensor, int port) {
        Registration node = new Registration(
                name(sensor),
                "publisher",
                "",
                "127.0.0.1",
                port,
                "/device",
                "premium",
                List.of("measure"),
                Map.of(),
                name(sensor),
                LEASE_MS,
                port,
                List.of());
        return NodeClient.frames(node, false, false);
    }

    /** A sensor dies, or one that died comes back; now and then the third router does. */
    public synchronized void turn() throws Exception {
        // Nobody dies before all have been seen.
        complete = complete || seesAll();
        if (!complete || !lives()) {
            return;
        }
        turns++;
        if (turns % ROUTER_EVERY_TURNS == 0) {
            killOrStartRouter(routers.get(routers.size() - 1));
            return;
        }
        boolean returns = !dead.isEmpty() && (dead.size() == DEAD_MAX || random.nextInt(SENSORS) < dead.size() * 2);
        int sensor = returns ? dead.first() : random.nextInt(SENSORS);
        if (!returns && dead.contains(sensor)) {
            return;
        }
        for (String route : ROUTES_OF_SENSOR) {
            if (returns) {
                getCamelContext().getRouteController().startRoute(name(sensor) + route);
            } else {
                getCamelContext().getRouteController().stopRoute(name(sensor) + route);
            }
        }
        if (returns) {
            dead.remove(sensor);
        } else {
            dead.add(sensor);
        }
        LOG.info("{} {}", name(sensor), returns ? "comes back" : "dies");
    }

    private boolean seesAll() {
        return members() == ROUTERS && router().nodes().size() == SENSORS;
    }

    private long members() {
        return router().routers().stream().filter(one -> one.state().member()).count();
    }

    private RouterNode router() {
        return getCamelContext().getRegistry().lookupByNameAndType("bactrianRouter", RouterNode.class);
    }

    /** One that still starts, and is no member yet, is left alone. */
    private void killOrStartRouter(DemoProcess router) throws IOException, InterruptedException {
        if (!router.isAlive()) {
            router.start();
            LOG.info("the third router is started again");
        } else if (members() == ROUTERS) {
            router.kill();
            LOG.info("the third router is killed");
        }
    }

    /** All that this router knows; empty if nothing has changed and nobody sits at a terminal. */
    public synchronized String table() {
        Queries nodes = getCamelContext().getRegistry().lookupByNameAndType("bactrianNodes", Queries.class);
        String head = router().routers().stream()
                .map(one -> one.id() + " " + one.state())
                .sorted()
                .collect(Collectors.joining(", "));
        List<JsonObject> all = nodes.shown();
        boolean live = Terminal.stdoutIsTerminal();
        String seen = head + all.stream().map(DiscoveryDemo::state).toList();
        if (!live && seen.equals(shown)) {
            return "";
        }
        shown = seen;
        return (live ? NodeTable.CLEAR : "") + head + System.lineSeparator() + NodeTable.of(all);
    }

    /** What changes seldom of a node. */
    private static String state(JsonObject node) {
        return node.get("id") + " " + node.get("status") + " " + node.get("routers");
    }

    /** Writes the table. */
    public void show(String table) {
        System.out.print(table);
        System.out.flush();
    }

    @Override
    protected synchronized void lifeEnds() throws Exception {
        routers.forEach(DemoProcess::askToStop);
        for (DemoProcess router : routers) {
            router.awaitStop(STOP_MS);
        }
        routers.clear();
    }
}
