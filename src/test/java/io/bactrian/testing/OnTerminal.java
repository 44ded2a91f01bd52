package io.bactrian.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a Java programme on a terminal, which the program {@code script} plays. */
public final class OnTerminal {
    private static final long TIMEOUT_S = 60;
    private static final int CTRL_C = 3;
    private static final int INTERRUPTED = 130;

    private OnTerminal() {}

    /**
     * Runs it to its end, which must be a good one.
     *
     * @param folder takes a file of its own
     * @return what a person sees
     */
    public static String run(Path folder, Class<?> main, List<String> arguments)
            throws IOException, InterruptedException {
        Process process = start(folder, main, arguments);
        process.getOutputStream().close();
        String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEnds(process, 0, seen);
        return seen;
    }

    /**
     * Runs it and types Ctrl-C when a text is seen; it must end with the exit code that shells give to that.
     *
     * @param folder takes a file of its own
     * @return what a person sees
     */
    public static String interrupt(Path folder, Class<?> main, List<String> arguments, String when)
            throws IOException, InterruptedException {
        Process process = start(folder, main, arguments);
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        boolean typed = false;
        for (int octet = process.getInputStream().read();
                octet >= 0;
                octet = process.getInputStream().read()) {
            seen.write(octet);
            if (!typed && seen.toString(StandardCharsets.UTF_8).contains(when)) {
                typed = true;
                process.getOutputStream().write(CTRL_C);
                process.getOutputStream().flush();
            }
        }
        assertEnds(process, INTERRUPTED, seen.toString(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        return seen.toString(StandardCharsets.UTF_8);
    }

    private static Process start(Path folder, Class<?> main, List<String> arguments) throws IOException {
        List<String> words = JavaCommand.of(List.of(), main);
        words.addAll(arguments);
        // Whoever runs the tests may ignore Ctrl-C, and so would what they start.
        Path command = Files.writeString(
                folder.resolve("command"),
                "stty cols 120\nexec env --default-signal=INT '" + String.join("' '", words) + "'\n");
        return new ProcessBuilder(Tools.program("script", "bsdutils"), "-qec", "exec sh " + command, "/dev/null")
                .redirectErrorStream(true)
                .start();
    }

    private static void assertEnds(Process process, int exitCode, String seen) throws InterruptedException {
        assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(seen).isEqualTo(exitCode);
    }
}
