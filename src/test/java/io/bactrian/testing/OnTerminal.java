package io.bactrian.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a Java programme on a terminal, which the program {@code script} plays. */
public final class OnTerminal {
    private static final long TIMEOUT_S = 60;

    private OnTerminal() {}

    /**
     * Runs it to its end, which must be a good one.
     *
     * @param folder takes a file of its own
     * @return what a person sees
     */
    public static String run(Path folder, Class<?> main, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        words.addAll(arguments);
        Path command =
                Files.writeString(folder.resolve("command"), "stty cols 120\n'" + String.join("' '", words) + "'\n");
        Process process = new ProcessBuilder(Tools.program("script", "bsdutils"), "-qec", "sh " + command, "/dev/null")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(seen).isZero();
        return seen;
    }
}
