package io.bactrian.app.demo;

import io.bactrian.app.Main;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@code bactrian run} in a process of its own, which is started, killed and started again. It ends with the process that
 * started it, even if that is killed. What it says goes into a file. One thread.
 */
final class DemoProcess {
    /** System properties that a child needs too. */
    private static final List<String> PASSED = List.of("bactrian.home", "logback.configurationFile");

    private static final long KILL_S = 10;

    private final List<String> arguments;
    private final Path log;
    private @Nullable Process process;

    /**
     * Starts nothing yet.
     *
     * @param arguments what {@code bactrian} is called with
     * @param log the file that takes its output
     */
    DemoProcess(List<String> arguments, Path log) {
        this.arguments = List.copyOf(arguments);
        this.log = log;
    }

    /**
     * A role with a data folder of its own. Starts nothing yet.
     *
     * @param data takes the folder {@code name} and the file {@code name.log}
     * @param role what {@code bactrian run} is called with
     * @param managementPort its management port on loopback
     * @param set more settings, {@code KEY=VALUE}
     */
    static DemoProcess run(Path data, String name, List<String> role, int managementPort, List<String> set) {
        List<String> arguments = new ArrayList<>(List.of("run"));
        arguments.addAll(role);
        arguments.addAll(List.of("--data", data.resolve(name).toString()));
        arguments.addAll(List.of(
                "--set", "bactrian.management.port=" + managementPort, "--set", "bactrian.stop.withParent=true"));
        for (String one : set) {
            arguments.addAll(List.of("--set", one));
        }
        return new DemoProcess(arguments, data.resolve(name + ".log"));
    }

    /** A port of loopback on which nobody listens now. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    Path log() {
        return log;
    }

    void start() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        for (String name : PASSED) {
            String value = System.getProperty(name);
            if (value != null) {
                command.add("-D" + name + "=" + value);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    boolean isAlive() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /** Ends it as kill -9 does, and waits until it has ended. */
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            running.waitFor(KILL_S, TimeUnit.SECONDS);
        }
    }

    /** Asks it to end. */
    void askToStop() {
        Process running = process;
        if (running != null) {
            running.destroy();
        }
    }

    /** Waits until it has ended; after the time it is killed. */
    void awaitStop(long waitMs) throws InterruptedException {
        Process running = process;
        if (running != null && !running.waitFor(waitMs, TimeUnit.MILLISECONDS)) {
            kill();
        }
    }
}
