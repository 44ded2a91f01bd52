package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.testing.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of sockets in one component, and no room for one more. */
@DisabledOnOs(OS.WINDOWS)
@Tag("slow")
class ManySocketsTest extends ZeroMqTest {
    private static final int ENDPOINTS = 2_000;
    private static final int LEFT_MAX = 5;

    @TempDir
    Path folder;

    private String run(String files, String argument) throws Exception {
        Path output = folder.resolve("output");
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n " + files + " && exec \"$0\" \"$@\""));
        command.addAll(JavaCommand.of(List.of("-Xmx256m"), ManySocketsMain.class, argument));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(400, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }

    private static int number(String output, String name) {
        Matcher matcher = Pattern.compile("^.*\\b" + name + "=(-?\\d+).*$", Pattern.MULTILINE)
                .matcher(output);
        assertThat(matcher.find()).as(output).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    /** In a heap of 256 MiB. What is left over is measured to the state after the first two. */
    @Test
    void twoThousandEndpointsWorkAndLeaveNothingBehind() throws Exception {
        String output = run("17000", Integer.toString(ENDPOINTS));
        assertThat(number(output, "sockets")).isEqualTo(ENDPOINTS);
        assertThat(number(output, "received")).isEqualTo(ENDPOINTS / 2);
        assertThat(number(output, "threads left")).isBetween(-LEFT_MAX, LEFT_MAX);
        assertThat(number(output, "files left")).isBetween(-LEFT_MAX, LEFT_MAX);
    }

    /** And the attempts do not use up what the others need: each that fails gives back what it has taken. */
    @Test
    void atTheLimitOfOpenFilesAnErrorSaysSoAndTheOthersGoOn() throws Exception {
        String output = run("600", "limit");
        int opened = number(output, "opened");
        assertThat(opened).isBetween(10, 50);
        assertThat(output)
                .contains("error=cannot open ")
                .contains("as the process has too many open files: a socket takes up to 32 at first")
                .contains("raise the limit (ulimit -n) or open fewer sockets");
        assertThat(number(output, "received")).isEqualTo(opened - 5);
        // The process itself may have a file less open by then.
        assertThat(number(output, "opened again")).isBetween(opened, opened + 2);
    }

    @Test
    void moreThanMaxSocketsAreRefused() throws IOException {
        ZeroMqComponent few = new ZeroMqComponent(context);
        few.setMaxSockets(2);
        context.addComponent("few", few);
        assertThatThrownBy(() -> routes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        for (int i = 0; i < 3; i++) {
                            from("few:pull:tcp://127.0.0.1:*?socketName=" + i).log("${body}");
                        }
                    }
                }))
                .hasStackTraceContaining("more than maxSockets=2 sockets are open");
    }
}
