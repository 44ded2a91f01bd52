package io.bactrian.speed.routes;

import io.bactrian.app.Main;
import io.bactrian.testing.Ports;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Speed servers and a witness as processes, on free ports. */
final class SpeedPair implements AutoCloseable {
    private final Path folder;
    private final boolean witness;
    private final int heartbeatMs;
    private final List<String> ports = new ArrayList<>();
    private final Map<String, Integer> management = new HashMap<>();
    private final Map<String, Process> processes = new HashMap<>();
    final int primaryPort = Ports.free();
    final int backupPort = Ports.free();
    private final int witnessPort = Ports.free();

    SpeedPair(Path folder, boolean witness, int heartbeatMs) {
        this.folder = folder;
        this.witness = witness;
        this.heartbeatMs = heartbeatMs;
        set("bactrian.speed.primary.port", primaryPort);
        set("bactrian.speed.backup.port", backupPort);
        for (String side : List.of("primary", "backup")) {
            set("bactrian.pair." + side + ".beats", Ports.free());
            set("bactrian.pair." + side + ".copies", Ports.free());
        }
        for (String name : List.of("primary", "backup", "witness")) {
            management.put(name, Ports.free());
        }
    }

    private void set(String key, int port) {
        ports.add("--set");
        ports.add(key + "=" + port);
    }

    Path data(String name) {
        return folder.resolve(name);
    }

    void start(String name) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run"));
        if (name.equals("witness")) {
            arguments.addAll(List.of("witness", "--listen", "tcp://127.0.0.1:" + witnessPort));
        } else {
            arguments.addAll(List.of("speed-server", "--role", name, "--peer", "127.0.0.1"));
            arguments.addAll(ports);
            arguments.addAll(List.of("--set", "bactrian.pair.heartbeatMs=" + heartbeatMs));
            if (witness) {
                arguments.addAll(List.of("--witness", "--witness-at", "tcp://127.0.0.1:" + witnessPort));
            }
        }
        arguments.addAll(List.of("--data", data(name).toString()));
        arguments.addAll(List.of("--set", "bactrian.management.port=" + management.get(name)));
        processes.put(name, process(name, arguments));
    }

    private Process process(String name, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx192m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(arguments);
        File log = folder.resolve(name + ".log").toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    void kill(String name) throws InterruptedException {
        Process process = processes.remove(name);
        if (process != null) {
            process.destroyForcibly();
            process.waitFor(30, TimeUnit.SECONDS);
        }
    }

    /** What the dev console of a node says of the pair; empty while it does not answer. */
    String console(String name) {
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + management.get(name) + "/q/dev/pair"))
                    .header("Accept", "application/json")
                    .build();
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /** Whether the console of a node holds something such as {@code "role":"ACTIVE"}. */
    boolean says(String name, String key, String value) {
        return console(name).contains("\"" + key + "\":\"" + value + "\"");
    }

    String servers() {
        return "tcp://127.0.0.1:" + primaryPort + ",tcp://127.0.0.1:" + backupPort;
    }

    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
    }
}
