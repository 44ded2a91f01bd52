package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.app.Main;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A role of the gateway in a process of its own, as an operator starts it, which a test can kill or hold. */
final class GatewayProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(180);

    private final Process process;
    private final Path log;
    private final int port;
    private final int management;

    private GatewayProcess(Process process, Path log, int port, int management) {
        this.process = process;
        this.log = log;
        this.port = port;
        this.management = management;
    }

    /** Starts {@code bactrian run ROLE PORT ARGUMENT...}; it may not listen yet. */
    static GatewayProcess start(Path folder, String role, int port, String... arguments) throws IOException {
        List<String> command = JavaCommand.of(
                List.of("-Xmx256m", "-Dbactrian.home=" + folder.resolve("no-home")),
                Main.class,
                "run",
                role,
                Integer.toString(port));
        command.addAll(List.of(arguments));
        int management = Ports.free();
        command.addAll(List.of(
                "--data", folder.resolve("data").toString(), "--set", "bactrian.management.port=" + management));
        Path log = folder.resolve(role + "-" + port + "-" + System.nanoTime() + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new GatewayProcess(process, log, port, management);
    }

    /** Waits until it listens. */
    GatewayProcess awaitListening() {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            assertThat(process.isAlive()).as(this::log).isTrue();
            assertThat(listens()).as(this::log).isTrue();
        });
        return this;
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    String address() {
        return "http://127.0.0.1:" + port;
    }

    /** Its metrics as text. */
    String metrics() throws IOException, InterruptedException {
        return new HttpCalls()
                .get("http://127.0.0.1:" + management + "/observe/metrics")
                .body();
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** kill -STOP or -CONT. */
    void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
