package io.bactrian.testing;

import io.bactrian.app.Main;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;

/**
 * Routers of the discovery as processes and sensors of pyzmq as processes, on loopback or each router in a network namespace
 * of its own. All can be killed with SIGKILL and started again.
 */
public final class DiscoveryProcesses implements AutoCloseable {
    private static final int PORTS = 6;
    private static final long PROBE_S = 60;

    private final Path folder;
    private final Namespaces namespaces;
    private final List<Integer> firstPorts = new ArrayList<>();
    private final Map<Integer, Process> routers = new TreeMap<>();
    private final Map<String, Process> sensors = new TreeMap<>();
    private final Map<String, Integer> pingPorts = new HashMap<>();
    private final Path key;
    private final Path program;

    /**
     * Starts nothing yet.
     *
     * @param namespaces where the routers are, empty for loopback
     */
    public DiscoveryProcesses(Path folder, int routerCount, Namespaces namespaces) throws IOException {
        this.folder = folder;
        this.namespaces = namespaces;
        key = Files.writeString(folder.resolve("cluster.key"), "0123456789abcdef".repeat(4));
        program = folder.resolve("sensor.py");
        try (var in = DiscoveryProcesses.class.getResourceAsStream("/io/bactrian/discovery/sensors.py")) {
            Files.writeString(
                    program,
                    new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                            + "\nlive(*sys.argv[1:])\n");
        }
        for (int i = 0; i < routerCount; i++) {
            firstPorts.add(Ports.free(PORTS));
        }
    }

    private String host(int router) {
        return namespaces.host(router);
    }

    private String address(int router, int port) {
        return "tcp://" + host(router) + ":" + (firstPorts.get(router) + port);
    }

    private String gossip(int router) {
        return host(router) + ":" + (firstPorts.get(router) + 4);
    }

    /** Where nodes register. */
    public String register(int router) {
        return address(router, 0);
    }

    private int httpPort(int router) {
        return firstPorts.get(router) + 5;
    }

    /** Starts a router, or starts it again with the data that it had. The first is the seed of the others. */
    public void startRouter(int router) throws IOException {
        List<String> command = new ArrayList<>(namespaces.in(router));
        command.addAll(JavaCommand.of(
                List.of("-Xmx128m"),
                Main.class,
                "run",
                "router",
                "--data",
                folder.resolve("router-" + router).toString()));
        Map<String, String> set = new TreeMap<>();
        set.put("id", "router-" + router);
        set.put("register", address(router, 0));
        set.put("publish", address(router, 1));
        set.put("publications", address(router, 2));
        set.put("publishers", address(router, 3));
        set.put("gossip", gossip(router));
        set.put("advertise", host(router));
        set.put("gossip.keyFile", key.toString());
        set.put("http.port", Integer.toString(httpPort(router)));
        set.put("seeds", router == 0 ? gossip(1) : gossip(0));
        set.forEach((name, value) -> command.addAll(List.of("--set", "bactrian.discovery." + name + "=" + value)));
        command.addAll(List.of("--set", "camel.management.enabled=false"));
        routers.put(router, start(command, "router-" + router));
    }

    /** Starts a sensor, or starts it again. It registers with two routers and answers pings. */
    public void startSensor(String id, int first, int second) throws IOException {
        List<String> command = new ArrayList<>(namespaces.inOwn());
        int port = pingPorts.computeIfAbsent(id, any -> Ports.free());
        command.addAll(List.of(
                Tools.pythonWithZmq(),
                program.toString(),
                id,
                namespaces.ownHost(),
                Integer.toString(port),
                register(first),
                register(second)));
        sensors.put(id, start(command, id));
    }

    private Process start(List<String> command, String name) throws IOException {
        File log = folder.resolve(name + ".log").toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(PROBE_S, TimeUnit.SECONDS);
    }

    public void killRouter(int router) throws InterruptedException {
        kill(routers.remove(router));
    }

    public void killSensor(String id) throws InterruptedException {
        kill(sensors.remove(id));
    }

    /** The routers that run. */
    public Set<Integer> liveRouters() {
        return new TreeSet<>(routers.keySet());
    }

    /** The sensors that run. */
    public Set<String> liveSensors() {
        return new TreeSet<>(sensors.keySet());
    }

    private JsonObject ask(int router, String path) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(namespaces.in(router));
        command.addAll(List.of(
                Tools.program("curl", "curl"),
                "-s",
                "--max-time",
                "2",
                "http://127.0.0.1:" + httpPort(router) + "/discovery/" + path));
        Process process = new ProcessBuilder(command).start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor(PROBE_S, TimeUnit.SECONDS);
        try {
            return Jsoner.deserialize(answer) instanceof JsonObject json ? json : new JsonObject();
        } catch (DeserializationException notYet) {
            return new JsonObject();
        }
    }

    /** What a router says of each node: its status, and by which routers; empty while it does not answer. */
    public Map<String, String> registry(int router) throws IOException, InterruptedException {
        Map<String, String> registry = new TreeMap<>();
        if (ask(router, "nodes").get("nodes") instanceof Collection<?> nodes) {
            for (Object one : nodes) {
                JsonObject node = (JsonObject) one;
                registry.put(node.getString("id"), node.getString("status") + " " + node.get("routers"));
            }
        }
        return registry;
    }

    /** What a router says of each router. */
    public Map<String, String> members(int router) throws IOException, InterruptedException {
        Map<String, String> members = new TreeMap<>();
        if (ask(router, "routers").get("routers") instanceof Collection<?> all) {
            all.forEach(one -> members.put(((JsonObject) one).getString("id"), ((JsonObject) one).getString("state")));
        }
        return members;
    }

    /** True if every router that runs says the same: all sensors that run ACTIVE, all others not, and so of routers. */
    public boolean isSettled() throws IOException, InterruptedException {
        Map<String, String> first = null;
        for (int router : liveRouters()) {
            Map<String, String> registry = registry(router);
            if (first != null && !registry.equals(first)) {
                return false;
            }
            first = registry;
            Map<String, String> members = members(router);
            for (int other = 0; other < firstPorts.size(); other++) {
                if (routers.containsKey(other) != "ALIVE".equals(members.get("router-" + other))) {
                    return false;
                }
            }
        }
        if (first == null || !first.keySet().containsAll(sensors.keySet())) {
            return false;
        }
        return first.entrySet().stream()
                .allMatch(node ->
                        sensors.containsKey(node.getKey()) == node.getValue().startsWith("ACTIVE"));
    }

    /** True if a router holds a node or a router as one that does not live. */
    public boolean isDown(int router, String id) throws IOException, InterruptedException {
        return id.startsWith("router-")
                ? "DOWN".equals(members(router).get(id))
                : registry(router).getOrDefault(id, "").startsWith("DOWN");
    }

    /** True if a router holds a node as one that lives and is well. */
    public boolean isActive(int router, String node) throws IOException, InterruptedException {
        return registry(router).getOrDefault(node, "").startsWith("ACTIVE");
    }

    /** What was said by a process. */
    public String log(String name) throws IOException {
        Path log = folder.resolve(name + ".log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    @Override
    public void close() throws IOException {
        List<Process> all = new ArrayList<>(sensors.values());
        all.addAll(routers.values());
        all.forEach(Process::destroyForcibly);
        all.forEach(process -> process.onExit().join());
        namespaces.close();
    }
}
