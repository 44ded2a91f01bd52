package io.bactrian.faults;

import io.bactrian.testing.JavaCommand;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A Java process of a test: what it says as {@code word number}, and a kill that it cannot catch. */
final class Child implements AutoCloseable {
    private static final int HEAP_MEBIBYTES = 256;

    private final Process process;
    private final Map<String, Long> said = new ConcurrentHashMap<>();
    private final Thread reader;

    Child(Path log, Class<?> main, String... args) throws IOException {
        this(log, HEAP_MEBIBYTES, main, args);
    }

    Child(Path log, int heapMebibytes, Class<?> main, String... args) throws IOException {
        List<String> command = JavaCommand.of(List.of("-Xmx" + heapMebibytes + "m"), main);
        command.addAll(Arrays.asList(args));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(new File(log.toString())))
                .start();
        reader = new Thread(this::read, "child-" + process.pid());
        reader.start();
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", 2);
                if (words.length == 2 && words[1].matches("\\d+")) {
                    said.put(words[0], Long.parseLong(words[1]));
                } else {
                    said.put(line, 1L);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last number it has said with a word, 0 if none. */
    long said(String word) {
        return said.getOrDefault(word, 0L);
    }

    boolean done() {
        return said.containsKey("done");
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Kills it with SIGKILL and waits until it is gone and all that it said was read. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(60, TimeUnit.SECONDS);
        reader.join(30_000);
    }

    /** Asks it to stop and waits. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            kill();
        }
        reader.join(30_000);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
