package io.bactrian.app.bench;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.app.ManagementClient;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.json.JsonObject;

/** Hubs or speed-limit servers as processes of a benchmark: one alone, or a pair with or without a witness. One thread. */
final class PairNodes implements AutoCloseable {
    static final String PRIMARY = "primary";
    static final String BACKUP = "backup";

    private static final List<String> PER_NODE = List.of("publish", "subscribe", "plain.in", "plain.out");
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;
    private static final long WAIT_S = 120;
    private static final long PAUSE_MS = 20;

    /**
     * What is started.
     *
     * @param role {@code hub}, {@code hub-pair} or {@code speed-server}
     * @param witness whether there is one
     * @param sync whether acknowledgements wait for the peer
     */
    record Setup(String role, boolean witness, boolean sync, int heartbeatMs) {
        boolean alone() {
            return role.equals("hub");
        }
    }

    private final Setup setup;
    private final Path data;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Integer> ports = new HashMap<>();
    private String active = PRIMARY;
    private final Map<String, ManagementClient> clients = new HashMap<>();
    private final Map<String, BenchProcess> processes = new HashMap<>();

    PairNodes(Setup setup, Path data) {
        this.setup = setup;
        this.data = data;
    }

    int port(String name) throws IOException {
        Integer known = ports.get(name);
        if (known == null) {
            known = freePort();
            ports.put(name, known);
        }
        return known;
    }

    /** Below the ports that systems give to connections, so that no connection has it before the server binds it. */
    private int freePort() throws IOException {
        for (int i = 0; i < PORTS; i++) {
            int port = FIRST_PORT + random.nextInt(PORTS);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (!ports.containsValue(port)) {
                    return socket.getLocalPort();
                }
            } catch (BindException taken) {
                // Another one is tried.
            }
        }
        throw new IOException("no free port from " + FIRST_PORT + " on");
    }

    /** What a client is given as its host. */
    String host() throws IOException {
        String first = "127.0.0.1:" + port("publish primary") + "/" + port("subscribe primary");
        return setup.alone() ? first : first + ",127.0.0.1:" + port("publish backup") + "/" + port("subscribe backup");
    }

    /** Starts all of it, and waits until the peers are in step. */
    void startAll() throws IOException {
        if (setup.witness()) {
            start("witness", List.of("witness", "--listen", "tcp://127.0.0.1:" + port("witness")));
        }
        start(PRIMARY);
        if (!setup.alone()) {
            start(BACKUP);
            active = awaitOneInStep();
        } else {
            awaitServes();
        }
    }

    /** Starts one of the two servers. */
    void start(String side) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(setup.role()));
        if (!setup.alone()) {
            arguments.addAll(List.of(setup.role().equals("hub-pair") ? "--side" : "--role", side));
            if (setup.witness()) {
                arguments.addAll(List.of("--witness", "--witness-at", "tcp://127.0.0.1:" + port("witness")));
            }
            for (String one : List.of(PRIMARY, BACKUP)) {
                set(arguments, "bactrian.pair." + one + ".beats", port("beats " + one));
                set(arguments, "bactrian.pair." + one + ".copies", port("copies " + one));
                set(arguments, "bactrian.speed." + one + ".port", port("speed " + one));
            }
            set(arguments, "bactrian.pair.heartbeatMs", setup.heartbeatMs());
            set(arguments, "bactrian.pair.replication", setup.sync() ? "sync" : "async");
        }
        for (String name : PER_NODE) {
            set(arguments, "bactrian.hub." + name, "tcp://127.0.0.1:" + port(name + " " + side));
        }
        start(side, arguments);
    }

    private static void set(List<String> arguments, String key, Object value) {
        arguments.addAll(List.of("--set", key + "=" + value));
    }

    private void start(String name, List<String> role) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run"));
        arguments.addAll(role);
        arguments.addAll(List.of("--data", data.resolve(name).toString()));
        set(arguments, "bactrian.management.port", port("management " + name));
        set(arguments, "bactrian.log.level", "error");
        processes.put(
                name,
                new BenchProcess(
                        name,
                        List.of(
                                name.equals("witness") ? "-Xmx64m" : "-Xmx256m",
                                // As the units for systemd have it: the memory of a killed process is given back
                                // sooner.
                                "-XX:+IgnoreUnrecognizedVMOptions",
                                "-XX:+UseTransparentHugePages"),
                        "io.bactrian.app.Main",
                        arguments.toArray(String[]::new)));
    }

    /** Ends a node as kill -9 does; returns when that was, of {@link System#nanoTime}. */
    long kill(String name) throws IOException {
        long at = System.nanoTime();
        BenchProcess process = processes.remove(name);
        if (process != null) {
            process.killNow();
            process.close();
        }
        return at;
    }

    /** Stops a process in the middle of whatever it does, or lets it go on; returns when that was. */
    long signal(String name, String signal) throws IOException {
        BenchProcess process = processes.get(name);
        if (process == null) {
            throw new IOException("the process " + name + " does not run");
        }
        long at = System.nanoTime();
        Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .inheritIO()
                .start();
        try {
            if (kill.waitFor() != 0) {
                throw new IOException("kill -" + signal + " of the process " + name + " failed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return at;
    }

    /** Has the active node hand over to its peer; returns when that was asked for. */
    long switchOver(String active) throws IOException {
        long at = System.nanoTime();
        try {
            client(active).act("pair-switch");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return at;
    }

    /** Processor time that each process has used until now, in seconds. */
    Map<String, Double> cpuSeconds() {
        Map<String, Double> all = new HashMap<>();
        processes.forEach((name, process) -> all.put(name, process.cpuSeconds()));
        return all;
    }

    /** What a node says of the pair; empty while it does not answer. */
    JsonObject figures(String name) throws IOException {
        try {
            return client(name).console("pair", "").orElseGet(JsonObject::new);
        } catch (CommandFailedException notYet) {
            return new JsonObject();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private ManagementClient client(String name) throws IOException {
        ManagementClient known = clients.get(name);
        if (known == null) {
            known = newClient(name);
            clients.put(name, known);
        }
        return known;
    }

    private ManagementClient newClient(String name) throws IOException {
        Configuration withItsToken = Configuration.load(
                Installation.find(),
                List.of(),
                Map.of("bactrian.data", data.resolve(name).toString()),
                System.getenv(),
                System.getProperties());
        return new ManagementClient(withItsToken, "127.0.0.1", port("management " + name));
    }

    private void awaitServes() throws IOException {
        await("the hub to serve", () -> !client(PRIMARY).console("bactrian", "").isEmpty());
    }

    /** The node that was active when both had started; with short heartbeats on a busy machine it may be either. */
    String active() {
        return active;
    }

    /** Waits until one of the two is active and its peer is in step; returns which. */
    private String awaitOneInStep() throws IOException {
        await("a node to be active with its peer in step", () -> isInStep(PRIMARY) || isInStep(BACKUP));
        return isInStep(BACKUP) ? BACKUP : PRIMARY;
    }

    /** Waits until a node is active and its peer is in step. */
    void awaitInStep(String name) throws IOException {
        await(name + " to be active with its peer in step", () -> isInStep(name));
    }

    private boolean isInStep(String name) throws IOException {
        JsonObject figures = figures(name);
        return "ACTIVE".equals(figures.get("role")) && "IN".equals(figures.get("peerStanding"));
    }

    /** Something that is waited for. */
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    static void await(String what, Condition condition) throws IOException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        try {
            while (!holds(condition)) {
                if (System.nanoTime() > until) {
                    throw new IOException("waited " + WAIT_S + " s in vain for " + what);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static boolean holds(Condition condition) throws IOException, InterruptedException {
        try {
            return condition.holds();
        } catch (CommandFailedException notYet) {
            return false;
        }
    }

    static String other(String side) {
        return side.equals(PRIMARY) ? BACKUP : PRIMARY;
    }

    @Override
    public void close() throws IOException {
        for (String name : List.copyOf(processes.keySet())) {
            kill(name);
        }
    }
}
