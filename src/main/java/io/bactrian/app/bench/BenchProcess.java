package io.bactrian.app.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A child process on our own class path that speaks in lines: {@code ready ...}, {@code done ...}. */
final class BenchProcess implements AutoCloseable {
    private static final String LOG = "logback.configurationFile";

    private final String name;
    private final Process process;
    private final Thread atExit = new Thread(this::kill, "bench-exit");
    private final BufferedReader out;
    private final Writer in;

    BenchProcess(String name, List<String> jvm, String mainClass, String... arguments) throws IOException {
        this.name = name;
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(jvm);
        // Unconfigured, Logback writes every step to standard output, which is for the figures.
        String log = System.getProperty(LOG);
        if (log != null) {
            command.add("-D" + LOG + "=" + log);
        }
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // Who interrupts the benchmark leaves nothing running behind.
        Runtime.getRuntime().addShutdownHook(atExit);
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        in = process.outputWriter(StandardCharsets.UTF_8);
    }

    long pid() {
        return process.pid();
    }

    /** Processor time that it has used, in seconds. */
    double cpuSeconds() {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L) / 1e9;
    }

    /** Waits for a line that begins with a word, and returns the rest of it. */
    String await(String word) throws IOException {
        String line = out.readLine();
        while (line != null) {
            if (line.startsWith(word)) {
                return line.substring(word.length()).strip();
            }
            line = out.readLine();
        }
        throw new IOException("the process " + name + " ended without saying " + word);
    }

    /** Whether there is a line to be read. */
    boolean hasSpoken() throws IOException {
        return out.ready();
    }

    /** Waits for {@code done key=value ...} and returns the values. */
    Map<String, Double> figures() throws IOException {
        Map<String, Double> figures = new HashMap<>();
        for (String pair : await("done").split(" ", -1)) {
            String[] halves = pair.split("=", 2);
            if (halves.length == 2) {
                figures.put(halves[0], Double.parseDouble(halves[1]));
            }
        }
        return figures;
    }

    /** Waits until it has ended by itself, and returns its exit code. */
    int awaitExit() throws IOException {
        String line = out.readLine();
        while (line != null) {
            line = out.readLine();
        }
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Says that it may go on. */
    void go() throws IOException {
        say("");
    }

    void say(String line) throws IOException {
        in.write(line + '\n');
        in.flush();
    }

    private void kill() {
        process.destroyForcibly();
    }

    /** Ends it as kill -9 does; {@link #close} is to be called all the same. */
    void killNow() {
        kill();
    }

    /** Ends it: politely, then by force. */
    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The benchmark is ending; the hook does the same again.
            process.destroyForcibly();
        }
    }
}
