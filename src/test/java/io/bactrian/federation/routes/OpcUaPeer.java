package io.bactrian.federation.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.testing.NpmPeers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A program of node-opcua that is driven by lines of JSON. */
final class OpcUaPeer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PATIENCE_S = 60;

    private final Process process;
    private final Writer commands;
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<JsonNode> ready = new CompletableFuture<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final AtomicInteger last = new AtomicInteger();

    OpcUaPeer(String program, Path folder, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 1];
        all[0] = folder.resolve("pki").toString();
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        process = new ProcessBuilder(NpmPeers.command(program, all))
                .redirectError(folder.resolve(program + ".log").toFile())
                .start();
        commands = process.outputWriter(UTF_8);
        Thread reader = new Thread(this::read, "opcua-peer");
        reader.setDaemon(true);
        reader.start();
        ready.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("{")) {
                    continue;
                }
                JsonNode message = JSON.readTree(line);
                if (message.has("event")) {
                    events.add(message);
                    if (message.get("event").asText().equals("ready")) {
                        ready.complete(message);
                    }
                } else {
                    waiting.remove(message.get("id").asInt()).complete(message);
                }
            }
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
        IOException ended = new IOException("the program has ended");
        ready.completeExceptionally(ended);
        waiting.values().forEach(future -> future.completeExceptionally(ended));
    }

    /** Runs a command: names and values in turn. The answer has {@code result} or {@code error}. */
    JsonNode run(String op, Object... namesAndValues) throws Exception {
        Map<String, Object> command = new HashMap<>();
        int id = last.incrementAndGet();
        command.put("id", id);
        command.put("op", op);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            command.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        synchronized (commands) {
            commands.write(JSON.writeValueAsString(command) + "\n");
            commands.flush();
        }
        return answer.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** Runs a command that must succeed. */
    JsonNode ask(String op, Object... namesAndValues) throws Exception {
        JsonNode answer = run(op, namesAndValues);
        assertThat(answer.has("error")).as(() -> op + ": " + answer).isFalse();
        return answer.get("result");
    }

    /** What has come without being asked for. */
    List<JsonNode> events(String kind) {
        return events.stream()
                .filter(event -> event.get("event").asText().equals(kind))
                .toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
