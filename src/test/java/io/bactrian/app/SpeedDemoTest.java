package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bactrian run speed-demo} as a person runs it. */
@Tag("campaign")
class SpeedDemoTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    Path folder;

    private Process demo;
    private List<ProcessHandle> children = List.of();

    @AfterEach
    void end() {
        if (demo != null) {
            demo.destroyForcibly();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    @Test
    void thePrimaryIsKilledTheBackupServesAndTheEndLeavesNoProcess() throws Exception {
        List<String> command = JavaCommand.of(
                List.of(),
                Main.class,
                "run",
                "speed-demo",
                "--kill-every",
                "5",
                "--sensors",
                "2",
                "--data",
                folder.resolve("data").toString());
        for (String key : List.of(
                "bactrian.speed.primary.port",
                "bactrian.speed.backup.port",
                "bactrian.pair.primary.beats",
                "bactrian.pair.backup.beats",
                "bactrian.pair.primary.copies",
                "bactrian.pair.backup.copies",
                "bactrian.management.port")) {
            command.addAll(List.of("--set", key + "=" + Ports.free()));
        }
        String nodes = "127.0.0.1:" + Ports.free() + ",127.0.0.1:" + Ports.free();
        command.addAll(List.of("--set", "bactrian.speed.watch.nodes=" + nodes));
        command.addAll(List.of("--set", "bactrian.pair.witness=tcp://127.0.0.1:" + Ports.free()));
        demo = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();

        await().atMost(PATIENCE).until(() -> log().contains("primary killed"));
        await().atMost(PATIENCE)
                .until(() -> log().matches("(?s).*backup=ACTIVE epoch=\\d+ peer=OUT acknowledged=\\d+ \\(\\+[1-9].*"));
        assertThat(watch(nodes)).contains("BACKUP ACTIVE epoch=", "average=");
        children = demo.children().toList();
        assertThat(children).isNotEmpty();

        demo.destroy();
        assertThat(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).isZero();
        assertThat(children).noneMatch(ProcessHandle::isAlive);
    }

    private static String watch(String nodes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter err = new StringWriter();
        int code = Main.run(out, new PrintWriter(err, true), "speed", "watch", "--nodes", nodes, "--count", "1");
        assertThat(code).as(err.toString()).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }
}
