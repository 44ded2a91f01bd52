package io.bactrian.speed.routes;

import io.bactrian.testing.Tools;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A process of {@code src/test/python} that prints a line for each thing that happens, and what it has said so far. */
final class PythonPeer implements AutoCloseable {
    private final Process process;
    private final List<String> said = new CopyOnWriteArrayList<>();

    PythonPeer(String script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Tools.pythonWithZmq(), "src/test/python/" + script));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread reader = new Thread(this::read, "hear-" + script);
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            in.lines().forEach(said::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All lines; more come. */
    List<String> said() {
        return said;
    }

    /** How many lines begin so. */
    long count(String beginning) {
        return said.stream().filter(line -> line.startsWith(beginning)).count();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it as kill -9 does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
