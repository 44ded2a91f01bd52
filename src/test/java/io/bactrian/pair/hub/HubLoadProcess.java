package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Namespaces;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A {@link HubLoad} in the clients' network namespace. */
final class HubLoadProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Process process;
    private final BufferedReader out;

    /** {@code name} tells it from another load of the same hubs; {@code folder} is its own. */
    HubLoadProcess(Namespaces network, Path folder, String name, String hubs, int publishers, int subscribers)
            throws IOException {
        List<String> command = new ArrayList<>(network.inOwn());
        command.addAll(JavaCommand.of(
                List.of("-Xmx256m"),
                HubLoad.class,
                folder.toString(),
                name,
                hubs,
                String.valueOf(publishers),
                String.valueOf(subscribers)));
        process = new ProcessBuilder(command)
                .redirectError(folder.resolve(name + ".log").toFile())
                .start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** What each publisher has had accepted. */
    List<Long> accepted() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return Arrays.stream(out.readLine().split(" ")).map(Long::valueOf).toList();
    }

    /** Returns when each publisher has had a hundred more accepted. */
    void awaitProgress() throws IOException {
        List<Long> before = accepted();
        await().atMost(PATIENCE).untilAsserted(() -> {
            List<Long> now = accepted();
            for (int i = 0; i < before.size(); i++) {
                assertThat(now.get(i)).isGreaterThan(before.get(i) + 100);
            }
        });
    }

    /** Ends it; "good" if each subscriber has got each message once and in order. */
    String verdict() throws IOException {
        process.getOutputStream().close();
        return out.readLine();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
