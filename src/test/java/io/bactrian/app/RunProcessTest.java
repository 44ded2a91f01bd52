package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The real programme in a process of its own, started and stopped as an operator does. */
@Tag("slow")
class RunProcessTest {
    private static final long PATIENCE_S = 60;

    @TempDir
    Path folder;

    private TestHome home;
    private String port;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        home = new TestHome(folder.resolve("home"))
                .role("clock", "bactrian.routes=pubsub/tick")
                .route("tick", "Ticks.", "timer:tick", "- log: { message: tock, logName: io.bactrian.test }");
        port = Integer.toString(Ports.free());
    }

    @AfterEach
    void kill() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void runsUntilItIsToldToStopAndTheStatusSaysSo() throws Exception {
        Process run = bactrian("run", "clock", "--data", folder.resolve("data").toString());
        Process status = bactrian("status", "--wait", "60s", "--json");
        assertThat(exitCode(status)).isZero();
        assertThat(text(status)).contains("\"serves\":true", port);

        run.destroy();

        assertThat(exitCode(run)).isZero();
        assertThat(text(run))
                .as("the log goes to standard error and is plain without a terminal")
                .isEmpty();
        assertThat(log(run))
                .contains("roles=[clock]", "data=" + folder.resolve("data"), "started routes=1", "stopped tookMs=")
                .doesNotContain("\u001b[");
        assertThat(folder.resolve("data")).isDirectory();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aSecondSignalStopsAtOnceWhatStillDrains() throws Exception {
        home.route(
                "tick",
                "Never ends.",
                "timer:tick?repeatCount=1",
                "- log: { message: under way, logName: io.bactrian.test }",
                "- delay: { expression: { constant: { expression: 3600000 } } }");
        Process run = bactrian("run", "clock", "--set", "bactrian.stop.timeout=10m");
        awaitLog(run, "under way");
        run.destroy();
        awaitLog(run, "once more to stop at once");
        run.destroy();
        assertThat(exitCode(run)).isEqualTo(ExitCode.FAILED);
        assertThat(log(run)).contains("stopped at once").doesNotContain("stopped tookMs=");
    }

    @Test
    void aPortInUseStopsTheStartWithOneMessage() throws Exception {
        Process first = bactrian("run", "clock");
        assertThat(exitCode(bactrian("status", "--wait", "60s"))).isZero();
        Process second = bactrian("run", "clock");
        assertThat(exitCode(second)).isEqualTo(ExitCode.FAILED);
        assertThat(log(second)).contains("cannot bind 127.0.0.1:" + port).doesNotContain("\tat ");
        assertThat(first.isAlive()).isTrue();
    }

    @Test
    void aRouteThatCannotStartEndsTheProcessAndSaysWhy() throws Exception {
        home.route("tick", "Has a wrong option.", "timer:tick?perod=1", "- log: { message: tock }");
        Process run = bactrian("run", "clock");
        assertThat(exitCode(run)).isEqualTo(ExitCode.FAILED);
        assertThat(log(run)).contains("Cannot start [clock]", "perod").doesNotContain("\tat ");
    }

    @Test
    void aWrongKeyFileEndsTheProcessAndIsToldWithoutATrace() throws Exception {
        Path key = Files.writeString(folder.resolve("key"), "nonsense");
        String options = "zeromq:router:tcp://127.0.0.1:" + Ports.free() + "?security=curve&curveAllowAnyClient=true"
                + "&curveKeyFile=" + key;
        home.route("tick", "Has a wrong key file.", "'" + options + "'", "- log: { message: tock }");
        Process run = bactrian("run", "clock");
        assertThat(exitCode(run)).isEqualTo(ExitCode.FAILED);
        assertThat(log(run))
                .contains("Cannot start [clock]", "curveKeyFile=" + key + " cannot be used")
                .doesNotContain("\tat ");
    }

    private Process bactrian(String... arguments) throws IOException {
        List<String> command = JavaCommand.of(List.of("-Dbactrian.home=" + home.folder()), Main.class);
        command.addAll(List.of(arguments));
        command.addAll(List.of("--set", "bactrian.management.port=" + port));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out" + processes.size()).toFile())
                .redirectError(folder.resolve("log" + processes.size()).toFile())
                .start();
        processes.add(process);
        return process;
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_S, TimeUnit.SECONDS))
                .as("the process ends")
                .isTrue();
        return process.exitValue();
    }

    private String text(Process process) throws IOException {
        return Files.readString(folder.resolve("out" + processes.indexOf(process)));
    }

    private String log(Process process) throws IOException {
        return Files.readString(folder.resolve("log" + processes.indexOf(process)));
    }

    private void awaitLog(Process process, String text) {
        Awaitility.await()
                .atMost(PATIENCE_S, TimeUnit.SECONDS)
                .until(() -> log(process).contains(text));
    }
}
