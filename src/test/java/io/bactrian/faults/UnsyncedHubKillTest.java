package io.bactrian.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Main;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hub that does not sync each batch loses nothing when only its process is killed: the system writes what it has. */
@Tag("slow")
class UnsyncedHubKillTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int MESSAGES_PER_LIFE = 3_000;
    private static final int LIVES = 2;

    @TempDir
    Path folder;

    private final int publishPort = Ports.free();
    private final int subscribePort = Ports.free();
    private final String[] ports = {
        "bactrian.hub.publish=tcp://127.0.0.1:" + publishPort,
        "bactrian.hub.subscribe=tcp://127.0.0.1:" + subscribePort,
        "bactrian.hub.plain.in=tcp://127.0.0.1:" + Ports.free(),
        "bactrian.hub.plain.out=tcp://127.0.0.1:" + Ports.free(),
        "bactrian.management.port=" + Ports.free()
    };
    private final List<Lost> lost = new CopyOnWriteArrayList<>();
    private Child hub;

    @AfterEach
    void end() {
        hub.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"interval", "never"})
    void killsLoseNothingAndDoubleNothing(String sync) throws Exception {
        startHub(sync);
        try (Bactrian publisher = Bactrian.open(settings("p").build());
                Bactrian subscriber =
                        Bactrian.open(settings("s").lostListener(lost::add).build())) {
            subscriber.subscribe("t", Start.OLDEST);
            List<CompletableFuture<Accepted>> puts = new ArrayList<>();
            for (int life = 0; life < LIVES; life++) {
                int from = puts.size();
                for (int i = from; i < from + MESSAGES_PER_LIFE; i++) {
                    puts.add(publisher.put("t", String.valueOf(i).getBytes(StandardCharsets.UTF_8)));
                }
                // Somewhere in the middle of what is under way.
                await().atMost(PATIENCE)
                        .until(() -> puts.get(from + MESSAGES_PER_LIFE / 3).isDone());
                hub.kill();
                startHub(sync);
            }
            for (CompletableFuture<Accepted> put : puts) {
                put.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            List<String> got = new ArrayList<>();
            while (got.size() < puts.size()) {
                Message message = subscriber.get(PATIENCE);
                assertThat(message).as("after " + got.size()).isNotNull();
                got.add(new String(message.body(), StandardCharsets.UTF_8));
            }
            assertThat(got)
                    .isEqualTo(IntStream.range(0, puts.size())
                            .mapToObj(String::valueOf)
                            .toList());
            assertThat(lost).isEmpty();
        }
    }

    private ClientSettings.Builder settings(String id) {
        return ClientSettings.builder(id)
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(folder.resolve(id))
                .requestTime(PATIENCE)
                .blockTime(PATIENCE);
    }

    private void startHub(String sync) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("run", "hub", "--data", folder.resolve("hub").toString()));
        for (String port : ports) {
            arguments.addAll(List.of("--set", port));
        }
        arguments.addAll(List.of("--set", "bactrian.hub.sync=" + sync));
        hub = new Child(folder.resolve("hub.log"), Main.class, arguments.toArray(String[]::new));
    }
}
