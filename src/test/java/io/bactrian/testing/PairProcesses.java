package io.bactrian.testing;

import static org.awaitility.Awaitility.await;

import io.bactrian.app.Main;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Both nodes of a pair and a witness as processes, on loopback or each in a network namespace of its own. */
public final class PairProcesses implements AutoCloseable {
    private static final long PATIENCE_S = 60;
    private static final Duration CONSOLE_PATIENCE = Duration.ofSeconds(5);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Path folder;
    private final List<String> role;
    private final boolean witness;
    private final int heartbeatMs;
    private final Map<String, List<String>> settings = new HashMap<>();
    private final Map<String, Integer> management = new HashMap<>();
    private final Map<String, Process> processes = new HashMap<>();
    private final int witnessPort = Ports.free();
    private final Namespaces network;

    /** Starts nothing yet; all will be on loopback. */
    public PairProcesses(Path folder, List<String> role, boolean witness, int heartbeatMs) {
        this(folder, role, witness, heartbeatMs, Namespaces.none());
    }

    /**
     * Starts nothing yet.
     *
     * @param role what {@code run} is told before the side, such as {@code speed-server --role}
     * @param network whose first three hosts are the primary, the backup and the witness
     */
    public PairProcesses(Path folder, List<String> role, boolean witness, int heartbeatMs, Namespaces network) {
        this.network = network;
        this.folder = folder;
        this.role = List.copyOf(role);
        this.witness = witness;
        this.heartbeatMs = heartbeatMs;
        for (String side : List.of("primary", "backup")) {
            setOfBoth("bactrian.pair." + side + ".beats", Ports.free());
            setOfBoth("bactrian.pair." + side + ".copies", Ports.free());
        }
        for (String name : List.of("primary", "backup", "witness")) {
            management.put(name, Ports.free());
        }
    }

    /** Sets a key of one node. */
    public void set(String name, String key, Object value) {
        settings.computeIfAbsent(name, any -> new ArrayList<>()).addAll(List.of("--set", key + "=" + value));
    }

    public void setOfBoth(String key, Object value) {
        set("primary", key, value);
        set("backup", key, value);
    }

    private static int host(String name) {
        return List.of("primary", "backup", "witness").indexOf(name);
    }

    private String address(String name) {
        return network.host(host(name));
    }

    /** The data folder of a node. */
    public Path data(String name) {
        return folder.resolve(name);
    }

    /** Starts primary, backup or witness. */
    public void start(String name) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run"));
        if (name.equals("witness")) {
            arguments.addAll(List.of("witness", "--listen", "tcp://" + address("witness") + ":" + witnessPort));
        } else {
            arguments.addAll(role);
            String peer = other(name);
            arguments.addAll(List.of(name, "--host", address(name), "--peer", address(peer)));
            arguments.addAll(settings.getOrDefault(name, List.of()));
            arguments.addAll(List.of("--set", "bactrian.pair.heartbeatMs=" + heartbeatMs));
            if (witness) {
                arguments.addAll(
                        List.of("--witness", "--witness-at", "tcp://" + address("witness") + ":" + witnessPort));
            }
        }
        processes.put(name, process(name, arguments));
    }

    /** Begins a command of the program for a node, such as {@code pair switch}. */
    public Process command(String name, String... words) throws IOException {
        return process(name, new ArrayList<>(List.of(words)));
    }

    /** Where the management servers of both hubs are, as {@code --hub} takes it. */
    public String managements() {
        return "127.0.0.1:" + management.get("primary") + ",127.0.0.1:" + management.get("backup");
    }

    /** What {@code status} says of a node, which must be or become healthy. */
    public String status(String name) throws IOException, InterruptedException {
        Path log = folder.resolve(name + ".log");
        long before = Files.size(log);
        // A loaded machine may need longer for an answer than a command waits for it; then it is asked again.
        Process status = command(name, "status", "--wait", PATIENCE_S + "s");
        if (!status.waitFor(2 * PATIENCE_S, TimeUnit.SECONDS) || status.exitValue() != 0) {
            throw new AssertionError("status of " + name + ": " + Files.readString(log));
        }
        return new String(
                Files.readAllBytes(log), (int) before, (int) (Files.size(log) - before), StandardCharsets.UTF_8);
    }

    private Process process(String name, List<String> arguments) throws IOException {
        arguments.addAll(List.of("--data", data(name).toString()));
        arguments.addAll(List.of("--set", "bactrian.management.port=" + management.get(name)));
        List<String> command = new ArrayList<>(network.in(host(name)));
        command.addAll(JavaCommand.of(List.of("-Xmx192m"), Main.class));
        command.addAll(arguments);
        File log = folder.resolve(name + ".log").toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    /** Ends it as kill -9 does. */
    public void kill(String name) throws InterruptedException {
        Process process = processes.remove(name);
        if (process != null) {
            process.destroyForcibly();
            process.waitFor(60, TimeUnit.SECONDS);
        }
    }

    /** Ends several at the same moment. */
    public void killAtOnce(String... names) throws IOException, InterruptedException {
        List<Process> killed = new ArrayList<>();
        for (String name : names) {
            killed.add(processes.remove(name));
        }
        signal("KILL", killed);
        for (Process process : killed) {
            process.waitFor(PATIENCE_S, TimeUnit.SECONDS);
        }
    }

    /** Stops a node in the middle of whatever it does. */
    public void pause(String name) throws IOException, InterruptedException {
        signal("STOP", List.of(processes.get(name)));
    }

    /** Lets a node that was stopped go on. */
    public void goOn(String name) throws IOException, InterruptedException {
        signal("CONT", List.of(processes.get(name)));
    }

    private static void signal(String signal, List<Process> to) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        to.forEach(process -> command.add(String.valueOf(process.pid())));
        int exitCode = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (exitCode != 0) {
            throw new IOException(command + ": exit code " + exitCode);
        }
    }

    /** What the dev console of a node says of the pair; empty while it does not answer. */
    public String console(String name) {
        if (!network.in(host(name)).isEmpty()) {
            return consoleInside(name);
        }
        return console(name, "pair");
    }

    /** What another dev console of a node on loopback says; empty while it does not answer. */
    public String console(String name, String console) {
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + management.get(name) + "/q/dev/" + console))
                    .header("Accept", "application/json")
                    .timeout(CONSOLE_PATIENCE) // a process may be stopped
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private String consoleInside(String name) {
        List<String> command = new ArrayList<>(network.in(host(name)));
        command.addAll(List.of(
                "/usr/bin/python3",
                "-c",
                "import sys, urllib.request as u\n"
                        + "print(u.urlopen(u.Request(sys.argv[1], headers={'Accept': 'application/json'}), timeout=2).read().decode())",
                "http://127.0.0.1:" + management.get(name) + "/q/dev/pair"));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** Whether the console of a node holds something such as {@code "role":"ACTIVE"}. */
    public boolean says(String name, String key, String value) {
        return console(name).contains("\"" + key + "\":\"" + value + "\"");
    }

    /**
     * Waits until one of the two is active and the other in step, and returns the name of the active: on a busy machine the
     * backup may be first.
     */
    public String awaitInStep(Duration patience) {
        await().atMost(patience)
                .until(() -> says("primary", "peerStanding", "IN") || says("backup", "peerStanding", "IN"));
        return says("primary", "peerStanding", "IN") ? "primary" : "backup";
    }

    /** The other one of primary and backup. */
    public static String other(String name) {
        return name.equals("primary") ? "backup" : "primary";
    }

    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
    }
}
