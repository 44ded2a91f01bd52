package io.bactrian.routes;

import static io.bactrian.routes.Numbers.get;
import static io.bactrian.routes.Numbers.numbers;
import static io.bactrian.routes.Numbers.putAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.core.HubLife;
import io.bactrian.pubsub.routes.Hub;
import io.bactrian.pubsub.routes.HubElection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub of which another decides when it is active, and what is committed; in one process. */
class HubLivesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final CompletableFuture<Hub> joined = new CompletableFuture<>();
    private final AtomicLong confirmed = new AtomicLong(Long.MAX_VALUE);
    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        hub = new TestHub(folder, TestHub.Dsl.YAML)
                .set("bactrian.hub.election", "election")
                .bean("election", new HubElection() {
                    @Override
                    public void joins(Hub joining) {
                        joined.complete(joining);
                    }

                    @Override
                    public long committed(long end) {
                        return Math.min(end, confirmed.get());
                    }
                })
                .start();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void aPassiveHubTakesNothingAndEachLifeGoesOnWhereTheOneBeforeEnded() throws Exception {
        Hub passive = joined.get();
        try (Bactrian publisher = hub.client("p");
                Bactrian reader = hub.client("s")) {
            var early = publisher.put("t", "0".getBytes(StandardCharsets.UTF_8));
            await().atMost(PATIENCE).until(() -> hub.figures().toJson().contains("\"not-active\":"));
            assertThat(hub.figure("end")).isZero();

            passive.activate(HubLife.ALONE);
            long epoch = hub.figure("logEpoch");
            assertThat(early.get()).isNotNull();
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 1, 100);
            assertThat(get(reader, 100)).isEqualTo(numbers(0, 100));

            passive.stepDown();
            var between = publisher.put("t", "100".getBytes(StandardCharsets.UTF_8));
            long end = hub.figure("end");
            passive.activate(HubLife.ALONE);
            assertThat(hub.figure("logEpoch")).isEqualTo(epoch + 1);
            assertThat(between.get()).isNotNull();
            putAll(publisher, "t", 101, 200);
            assertThat(get(reader, 100)).isEqualTo(numbers(100, 200));
            assertThat(hub.figure("end")).isGreaterThanOrEqualTo(end + 100);
            assertThat(hub.figures().toJson()).as("each message is logged once").contains("\"messages\":200");
        }
    }

    @Test
    void nothingIsToldBeforeItIsCommittedAndAllOfItIsToldThen() throws Exception {
        Hub active = joined.get();
        active.activate(HubLife.ALONE);
        try (Bactrian publisher = hub.client("p");
                Bactrian reader = hub.client("s")) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, 10);
            assertThat(get(reader, 10)).isEqualTo(numbers(0, 10));
            long end = hub.figure("end");
            confirmed.set(end);
            CompletableFuture<Accepted> late = publisher.put("t", "10".getBytes(StandardCharsets.UTF_8));
            await().atMost(PATIENCE).until(() -> hub.figure("end") == end + 1);
            assertThat(late).isNotDone();
            assertThat(hub.figure("committed")).isEqualTo(end);
            assertThat(hub.figure("delivered")).isEqualTo(10);

            confirmed.set(end + 1);
            active.committedMoved();
            assertThat(late.get()).isNotNull();
            assertThat(get(reader, 1)).isEqualTo(numbers(10, 11));
        }
    }
}
