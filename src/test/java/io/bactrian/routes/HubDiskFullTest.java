package io.bactrian.routes;

import static io.bactrian.routes.Numbers.get;
import static io.bactrian.routes.Numbers.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.JournalFullException;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.WindowFullException;
import io.bactrian.testing.SmallDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hub's disk fills up, log and database alike: publishers are held and told why, what is there stays good,
 * subscribers go on, and so does everything, by itself, when there is room again.
 */
@Tag("system")
class HubDiskFullTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PADDING = "x".repeat(16_000);

    @TempDir
    Path folder;

    private TestHub hub;

    /** The stand-in for a file system that is full, where none can be mounted; an edited route asks it. */
    public static final class Disk {
        private volatile boolean full;

        public void check() {
            if (full) {
                throw new JournalFullException(
                        "no room on the disk", new java.io.IOException("No space left on device"));
            }
        }
    }

    @AfterEach
    void stop() {
        if (hub != null) {
            hub.close();
        }
    }

    @Test
    void aFullDiskHoldsPublishersAndNobodyElse() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("hub"), 12)) {
            hub = new TestHub(folder, TestHub.Dsl.YAML)
                    .set("bactrian.hub.segment.bytes", "1m")
                    .set("bactrian.hub.tail.bytes", "0")
                    .set("bactrian.hub.keep.intervalMs", "100")
                    .set("bactrian.hub.expire.intervalMs", "100")
                    .set("bactrian.hub.purge.intervalMs", "100")
                    .start();
            try {
                fillsUpAndGoesOn(disk);
            } finally {
                hub.close();
            }
        }
    }

    private void fillsUpAndGoesOn(SmallDisk disk) throws Exception {
        try (Bactrian reader = hub.client("reader");
                Publisher publisher = Publisher.open(hub.settings("p").build());
                Publisher small = Publisher.open(hub.settings("small")
                        .window(2_000_000, 2)
                        .blockTime(Duration.ofMillis(200))
                        .build())) {
            reader.subscribe("t", Start.OLDEST);
            int accepted = 0;
            for (; accepted < 20; accepted++) {
                put(publisher, accepted).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            small.put("other", bytes(0)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(get(reader, 10)).isEqualTo(numbers(0, 10));

            disk.fill();
            List<CompletableFuture<Accepted>> held = new ArrayList<>();
            for (int i = accepted; i < accepted + 10; i++) {
                held.add(put(publisher, i));
            }
            await().atMost(PATIENCE).until(() -> publisher.trouble() != null);
            assertThat(publisher.trouble()).contains("unavailable", "no room on the disk", "No space left on device");
            assertThat(held.get(9)).isNotDone();
            assertThat(HealthCheckRegistry.get(hub.context())
                            .getCheck("hub")
                            .orElseThrow()
                            .call())
                    .satisfies(health -> {
                        assertThat(health.getState()).isEqualTo(HealthCheck.State.DOWN);
                        assertThat(health.getMessage().orElseThrow())
                                .contains("puts are refused", "No space left on device", "disk of");
                    });
            small.put("other", bytes(1));
            small.put("other", bytes(2));
            await().atMost(PATIENCE).until(() -> small.trouble() != null);
            assertThatThrownBy(() -> small.put("other", bytes(3)).get())
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(WindowFullException.class)
                    .hasMessageContaining("No space left on device");

            assertThat(get(reader, 10)).as("subscribers go on").isEqualTo(numbers(10, 20));
            assertThat(refused("unavailable")).isPositive();

            disk.clear();
            for (CompletableFuture<Accepted> put : held) {
                put.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            put(publisher, 30).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(get(reader, 11)).isEqualTo(numbers(20, 31));
        }
        everybodyGoesOn(31);
        hub.restart();
        everybodyGoesOn(32);
    }

    /** Newcomers say hello, which the database must keep, and all that was accepted is there for them. */
    private void everybodyGoesOn(int before) throws Exception {
        try (Bactrian newcomer = hub.client("newcomer-" + before)) {
            newcomer.subscribe("t", Start.OLDEST);
            put(newcomer.publisher(), before).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(get(newcomer, before + 1)).isEqualTo(numbers(0, before + 1));
        }
        try (Bactrian reader = hub.client("reader")) {
            assertThat(get(reader, 1)).isEqualTo(numbers(before, before + 1));
        }
    }

    @Test
    void aLogThatTakesNothingHoldsPublishersUntilItDoes() throws Exception {
        Disk disk = new Disk();
        hub = new TestHub(folder, TestHub.Dsl.YAML)
                .bean("disk", disk)
                .edit("take-in", text -> {
                    String journal = "              - to: { uri: journal:hub }\n";
                    assertThat(text).contains(journal);
                    return text.replace(journal, "              - bean: { ref: disk, method: check }\n" + journal);
                })
                .start();
        try (Bactrian client = hub.client("c")) {
            client.subscribe("t", Start.OLDEST);
            put(client.publisher(), 0).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            disk.full = true;
            CompletableFuture<Accepted> held = put(client.publisher(), 1);
            await().atMost(PATIENCE).until(() -> client.publisher().trouble() != null);
            assertThat(client.publisher().trouble()).contains("unavailable", "no room on the disk");
            assertThat(held).isNotDone();
            assertThat(get(client, 1)).isEqualTo(numbers(0, 1));
            disk.full = false;
            held.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(get(client, 1)).isEqualTo(numbers(1, 2));
            assertThat(refused("unavailable")).isPositive();
        }
    }

    private long refused(String cause) {
        return ((java.util.Map<?, ?>) hub.figures().get("refused")).get(cause) instanceof Long count ? count : 0;
    }

    private static CompletableFuture<Accepted> put(Publisher publisher, int number) {
        return publisher.put("t", bytes(number));
    }

    private static byte[] bytes(int number) {
        return (number + " " + PADDING).getBytes(StandardCharsets.UTF_8);
    }
}
