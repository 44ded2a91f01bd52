package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is absent keeps only what is for him; the rest of the log goes, and he misses nothing by that. */
@Tag("system")
class PurgeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        hub = new TestHub(folder, TestHub.Dsl.YAML)
                .set("bactrian.hub.retention.total", "512k")
                .set("bactrian.hub.segment.bytes", "64k")
                .set("bactrian.hub.purge.intervalMs", "50")
                .start();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void theLogIsNotKeptForTheAbsentSubscriberOfAQuietTopic() throws Exception {
        List<Lost> lost = new CopyOnWriteArrayList<>();
        try (Bactrian publisher = hub.client("p")) {
            put(publisher, "quiet", "first");
            try (Bactrian quiet = hub.client("s")) {
                quiet.subscribe("quiet", Start.OLDEST);
                assertThat(next(quiet)).isEqualTo("first");
            }
            long last = putUntilPurgedAbove(publisher, 1);
            hub.kill().start();
            last = putUntilPurgedAbove(publisher, last);
            put(publisher, "quiet", "second");
            try (Bactrian quiet =
                    Bactrian.open(hub.settings("s").lostListener(lost::add).build())) {
                quiet.subscribe("quiet", Start.OLDEST);
                assertThat(next(quiet)).isEqualTo("second");
                putUntilPurgedAbove(publisher, last);
                put(publisher, "quiet", "third");
                assertThat(next(quiet)).isEqualTo("third");
            }
        }
        assertThat(lost).isEmpty();
    }

    @Test
    void whatIsForAnAbsentSubscriberIsKeptWithWhatCameAfterIt() throws Exception {
        try (Bactrian publisher = hub.client("p")) {
            put(publisher, "quiet", "first");
            try (Bactrian quiet = hub.client("s")) {
                quiet.subscribe("quiet", Start.OLDEST);
                assertThat(next(quiet)).isEqualTo("first");
            }
            long last = putUntilPurgedAbove(publisher, 1);
            put(publisher, "quiet", "second");
            await().atMost(PATIENCE).until(() -> hub.figure("outstanding") > 0);
            long second = last + 1;
            for (int i = 0; i < 60; i++) {
                put(publisher, "t", "x".repeat(16_000));
            }
            hub.kill().start();
            await().atMost(PATIENCE).until(() -> hub.figure("first") <= second);
            try (Bactrian quiet = hub.client("s")) {
                quiet.subscribe("quiet", Start.OLDEST);
                assertThat(next(quiet)).isEqualTo("second");
                await().atMost(PATIENCE).until(() -> hub.figure("first") > second);
            }
        }
    }

    /** Returns the last position of the log. */
    private long putUntilPurgedAbove(Bactrian publisher, long position) throws Exception {
        for (int i = 0; i < 300 && hub.figure("first") <= position; i++) {
            put(publisher, "t", "x".repeat(16_000));
        }
        await().atMost(PATIENCE).until(() -> hub.figure("first") > position);
        return hub.figure("end");
    }

    private static void put(Bactrian publisher, String topic, String text) throws Exception {
        publisher.put(topic, text.getBytes(StandardCharsets.UTF_8)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static String next(Bactrian subscriber) throws InterruptedException {
        Message message = subscriber.get(PATIENCE);
        assertThat(message).isNotNull();
        subscriber.processed(message);
        return new String(message.body(), StandardCharsets.UTF_8);
    }
}
