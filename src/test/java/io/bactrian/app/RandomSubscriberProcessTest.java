package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code run subscriber --topics-from FILE --random --faults RATE} beside {@code run hub}, each a process of its own: it
 * changes its mind, drops, delays and crashes, the hub is killed under it, and it gets all that it is owed, once.
 */
@Tag("slow")
class RandomSubscriberProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final List<String> TOPICS = List.of("a", "b", "c", "d");

    @TempDir
    Path folder;

    private final int publishPort = Ports.free();
    private final int subscribePort = Ports.free();
    private final String[] addresses = {
        "bactrian.hub.publish=tcp://127.0.0.1:" + publishPort,
        "bactrian.hub.subscribe=tcp://127.0.0.1:" + subscribePort,
        "bactrian.hub.plain.in=tcp://127.0.0.1:" + Ports.free(),
        "bactrian.hub.plain.out=tcp://127.0.0.1:" + Ports.free(),
        "bactrian.management.port=" + Ports.free()
    };
    private final List<Process> processes = new ArrayList<>();
    private final AtomicBoolean putting = new AtomicBoolean(true);

    @AfterEach
    void end() {
        putting.set(false);
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void itGetsWhatItIsOwedWhateverItDoes() throws Exception {
        Path topics = Files.write(folder.resolve("topics"), TOPICS);
        Process hub = start("hub", "run", "hub");
        Process subscriber = start(
                "subscriber", "run", "subscriber", "--random", "--topics-from", topics.toString(), "--faults", "0.02");
        Thread publishing = new Thread(this::publish, "publishing");
        publishing.start();
        await().atMost(PATIENCE).until(() -> figure("got") > 200);
        hub.destroyForcibly().waitFor();
        long before = figure("got");
        start("hub", "run", "hub");
        await().atMost(PATIENCE)
                .until(() -> figure("got") > before + 1_000
                        && figure("crashes") >= 3
                        && figure("delays") >= 3
                        && figure("dropped") >= 3
                        && figure("ended") >= 1
                        && figure("subscriptions") >= TOPICS.size());
        putting.set(false);
        publishing.join(PATIENCE.toMillis());

        subscriber.destroy();

        assertThat(subscriber.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(log("subscriber")).contains("stopped random subscriber");
        assertThat(figure("repeated")).isZero();
        assertThat(figure("missing")).isZero();
        assertThat(subscriber.exitValue()).isZero();
    }

    private void publish() {
        ClientSettings settings = ClientSettings.builder("p")
                .publishPort(publishPort)
                .data(folder.resolve("p"))
                .build();
        try (Publisher publisher = Publisher.open(settings)) {
            for (int i = 0; putting.get(); i++) {
                publisher.put(TOPICS.get(i % TOPICS.size()), new byte[100]).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the subscriber has said last of a figure, -1 if nothing. */
    private long figure(String name) throws IOException {
        long last = -1;
        Matcher matcher = Pattern.compile("\\b" + name + "=(\\d+)").matcher(log("subscriber"));
        while (matcher.find()) {
            last = Long.parseLong(matcher.group(1));
        }
        return last;
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }

    private Process start(String name, String... arguments) throws IOException {
        List<String> command = JavaCommand.of(List.of("-Xmx256m"), Main.class);
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data", folder.resolve(name).toString()));
        for (String address : addresses) {
            command.addAll(List.of("--set", address));
        }
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(name + ".log").toFile()))
                .start();
        processes.add(process);
        return process;
    }
}
