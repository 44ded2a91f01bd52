package io.bactrian.app.demo;

import io.bactrian.app.Application;
import io.bactrian.app.CommandFailedException;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.app.ManagementClient;
import io.bactrian.app.cli.SpeedCommand;
import io.bactrian.speed.routes.SpeedSensor;
import io.bactrian.support.context.ContextLife;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The speed-limit application on one machine: primary, backup and witness are processes, the sensors run here. The primary is
 * killed from time to time as kill -9 does; the backup takes over, the primary comes back as passive and is handed the work
 * again. Used by routes, one call at a time but for {@link #look}.
 */
public final class SpeedDemo extends ContextLife implements CamelContextAware {
    private static final Logger LOG = LoggerFactory.getLogger(SpeedDemo.class);
    private static final long STOP_MS = 6_000;
    private static final List<String> PORTS = List.of(
            "bactrian.speed.primary.port",
            "bactrian.speed.backup.port",
            "bactrian.pair.primary.beats",
            "bactrian.pair.backup.beats",
            "bactrian.pair.primary.copies",
            "bactrian.pair.backup.copies",
            "bactrian.pair.heartbeatMs");

    private final Map<String, DemoProcess> processes = new LinkedHashMap<>();
    private final Map<String, ManagementClient> clients = new LinkedHashMap<>();
    private final List<Application> sensors = new ArrayList<>();
    private final List<SpeedSensor> measuring = new ArrayList<>();
    private final PauseMeter pauses = new PauseMeter();
    private @Nullable CamelContext context;
    private @Nullable KillPlan plan;
    private String note = "starting";
    private long acknowledgedBefore;
    private volatile boolean stopping;

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    @Override
    public @Nullable CamelContext getCamelContext() {
        return context;
    }

    /** Begins with the context, and ends with it. */
    public void begin() throws Exception {
        liveWith(Objects.requireNonNull(context, "the bean has no context"));
    }

    private String value(String key) {
        return Objects.requireNonNull(context)
                .resolvePropertyPlaceholders("{{" + key + "}}")
                .strip();
    }

    @Override
    protected void lifeBegins() throws Exception {
        plan = new KillPlan(
                Long.parseLong(value("bactrian.demo.speed.killEveryS")) * 1_000,
                Long.parseLong(value("bactrian.demo.speed.awayMs")));
        Path data = Files.createDirectories(Path.of(value("bactrian.data")).toAbsolutePath());
        try {
            add(
                    data,
                    "witness",
                    DemoProcess.freePort(),
                    List.of("witness"),
                    List.of("bactrian.witness.listen=" + value("bactrian.pair.witness")));
            // Where bactrian speed watch looks.
            List<SpeedCommand.Node> nodes = SpeedCommand.nodes(value(SpeedCommand.NODES));
            List<String> ports =
                    PORTS.stream().map(key -> key + "=" + value(key)).toList();
            for (String side : List.of("primary", "backup")) {
                int management = processes.size() <= nodes.size()
                        ? nodes.get(processes.size() - 1).port()
                        : DemoProcess.freePort();
                add(
                        data,
                        side,
                        management,
                        List.of(
                                "speed-server",
                                "--role",
                                side,
                                "--witness",
                                "--witness-at",
                                value("bactrian.pair.witness")),
                        ports);
            }
            for (DemoProcess process : processes.values()) {
                process.start();
            }
            int count = Integer.parseInt(value("bactrian.demo.speed.sensors"));
            for (int id = 1; id <= count; id++) {
                startSensor(data, id);
            }
        } catch (IOException | RuntimeException e) {
            lifeEnds();
            throw e;
        }
    }

    private void add(Path data, String name, int port, List<String> role, List<String> set) {
        processes.put(name, DemoProcess.run(data, name, role, port, set));
        Configuration ofNode = configuration(List.of(), data.resolve(name), Map.of());
        clients.put(name, new ManagementClient(ofNode, "127.0.0.1", port));
    }

    private static Configuration configuration(List<String> roles, Path data, Map<String, String> set) {
        Map<String, String> all = new LinkedHashMap<>(set);
        all.put("bactrian.data", data.toString());
        return Configuration.load(Installation.find(), roles, all, System.getenv(), System.getProperties());
    }

    private void startSensor(Path data, int id) {
        String servers = "tcp://127.0.0.1:" + value("bactrian.speed.primary.port") + ",tcp://127.0.0.1:"
                + value("bactrian.speed.backup.port");
        Application sensor = Application.start(configuration(
                List.of("speed-sensor"),
                data.resolve("sensor-" + id),
                Map.of(
                        "bactrian.sensor.id",
                        Integer.toString(id),
                        "bactrian.sensor.servers",
                        servers,
                        "bactrian.sensor.intervalMs",
                        value("bactrian.demo.speed.intervalMs"),
                        "camel.management.enabled",
                        "false",
                        "camel.main.name",
                        "sensor-" + id)));
        sensors.add(sensor);
        measuring.add(Objects.requireNonNull(
                sensor.context().getCamelContextExtension().getContextPlugin(SpeedSensor.class)));
    }

    @Override
    protected void lifeEnds() throws Exception {
        stopping = true;
        processes.values().forEach(DemoProcess::askToStop);
        List<Thread> closing = sensors.stream()
                .map(sensor -> new Thread(sensor::close, "stop-sensor"))
                .toList();
        closing.forEach(Thread::start);
        for (Thread thread : closing) {
            thread.join(STOP_MS);
        }
        for (DemoProcess process : processes.values()) {
            process.awaitStop(STOP_MS);
        }
        LOG.info("all processes have ended");
    }

    /** How a server stands; empty while it does not answer. */
    private JsonObject figures(String name) throws InterruptedException {
        DemoProcess process = processes.get(name);
        ManagementClient client = clients.get(name);
        if (process == null || client == null || !process.isAlive()) {
            return new JsonObject();
        }
        try {
            return client.console("pair", "").orElseGet(JsonObject::new);
        } catch (CommandFailedException e) {
            LOG.debug("process={} does not answer: {}", name, e.getMessage());
            return new JsonObject();
        }
    }

    /** Does what the plan says for this moment. Called once a second. */
    public void step() throws IOException, InterruptedException {
        DemoProcess primary = processes.get("primary");
        KillPlan planned = plan;
        if (stopping || primary == null || planned == null) {
            return;
        }
        note = "";
        switch (planned.next(figures("primary"), figures("backup"), System.nanoTime() / 1_000_000)) {
            case KILL -> {
                primary.kill();
                note = "primary killed";
            }
            case START -> {
                primary.start();
                note = "primary started again";
            }
            case HAND_BACK -> {
                JsonObject answer =
                        Objects.requireNonNull(clients.get("backup")).act("pair-switch");
                note = answer.containsKey("failed")
                        ? "backup does not hand over: " + answer.get("failed")
                        : "backup hands over to the primary";
            }
            case NOTHING -> {
                for (Map.Entry<String, DemoProcess> one : processes.entrySet()) {
                    boolean mayBeAway = one.getKey().equals("primary") && planned.primaryAway();
                    if (!mayBeAway && !one.getValue().isAlive()) {
                        note = one.getKey() + " has ended by itself: see "
                                + one.getValue().log();
                    }
                }
            }
        }
    }

    /** Looks whether sensors hear acknowledgements. */
    public void look() {
        pauses.look(acknowledged(), System.nanoTime());
    }

    private long acknowledged() {
        return sum("acknowledged");
    }

    private long sum(String figure) {
        long sum = 0;
        for (SpeedSensor sensor : measuring) {
            sum += sensor.figures().get(figure) instanceof Number number ? number.longValue() : 0;
        }
        return sum;
    }

    /** How all stand, in one line. */
    public String line() throws InterruptedException {
        JsonObject primary = figures("primary");
        JsonObject backup = figures("backup");
        JsonObject active = "ACTIVE".equals(backup.get("role")) ? backup : primary;
        long acknowledged = acknowledged();
        KillPlan planned = plan;
        String line = String.format(
                Locale.ROOT,
                "primary=%s backup=%s epoch=%s peer=%s acknowledged=%d (+%d) owed=%d average=%d pauseMs=%d kills=%d%s",
                primary.getOrDefault("role", "-"),
                backup.getOrDefault("role", "-"),
                active.getOrDefault("epoch", "-"),
                active.getOrDefault("peerStanding", "-"),
                acknowledged,
                acknowledged - acknowledgedBefore,
                sum("owed"),
                measuring.isEmpty() ? 0 : sum("average") / measuring.size(),
                TimeUnit.NANOSECONDS.toMillis(pauses.longestNs()),
                planned == null ? 0 : planned.kills(),
                note.isEmpty() ? "" : ": " + note);
        acknowledgedBefore = acknowledged;
        return line;
    }
}
