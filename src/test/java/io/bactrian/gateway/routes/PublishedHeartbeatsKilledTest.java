package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hub, balancer and worker in one process that is killed with kill -9 while heartbeats are posted, and started again. */
@Tag("campaign")
class PublishedHeartbeatsKilledTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int HEARTBEATS = 50;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Pattern DATA = Pattern.compile("\"data\":(\\d+)}$");

    @TempDir
    Path folder;

    private final HttpCalls http = new HttpCalls();
    private final int publish = Ports.free();
    private final int subscribe = Ports.free();
    private final int balancer = Ports.free();
    private final int worker = Ports.free();
    private final int plainIn = Ports.free();
    private final int plainOut = Ports.free();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicLong accepted = new AtomicLong();

    /** How often each was posted that was not answered 200 at once: a client posts it again, and each may count. */
    private final Map<Long, Integer> attempts = new ConcurrentHashMap<>();

    private GatewayProcess start() throws IOException {
        return GatewayProcess.start(
                folder,
                "balancer",
                balancer,
                "worker-publish",
                "" + worker,
                "localhost",
                "" + balancer,
                "hub",
                "--set",
                "bactrian.hub.publish=tcp://127.0.0.1:" + publish,
                "--set",
                "bactrian.hub.subscribe=tcp://127.0.0.1:" + subscribe,
                "--set",
                "bactrian.hub.plain.in=tcp://127.0.0.1:" + plainIn,
                "--set",
                "bactrian.hub.plain.out=tcp://127.0.0.1:" + plainOut,
                "--set",
                "bactrian.gateway.publish.port=" + publish);
    }

    @Test
    void whatIsAnswered200ReachesADurableSubscriberOnce() throws Exception {
        ExecutorService client = Executors.newSingleThreadExecutor();
        try (Bactrian subscriber = Bactrian.open(ClientSettings.builder("test")
                .publishPort(publish)
                .subscribePort(subscribe)
                .data(folder.resolve("client"))
                .build())) {
            try (GatewayProcess first = start()) {
                first.awaitListening();
                subscriber.subscribe("heartbeats/*", Start.OLDEST);
                client.execute(this::post);
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(accepted.get()).as(first::log).isGreaterThan(HEARTBEATS));
                first.kill();
            }
            long before = accepted.get();
            try (GatewayProcess second = start()) {
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(accepted.get()).as(second::log).isGreaterThan(before + HEARTBEATS));
                stopping.set(true);
                client.shutdown();
                assertThat(client.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                List<Long> got = readUpTo(subscriber, accepted.get());
                Map<Long, Integer> times = new HashMap<>();
                got.forEach(number -> times.merge(number, 1, Integer::sum));
                for (long number = 1; number <= accepted.get(); number++) {
                    assertThat(times.getOrDefault(number, 0))
                            .as("how often heartbeat %d came", number)
                            .isBetween(1, attempts.getOrDefault(number, 1));
                }
                assertThat(got.stream().distinct()).isSorted();
                assertThat(attempts).as("the kill was felt").isNotEmpty();
            }
        } finally {
            stopping.set(true);
            client.shutdownNow();
        }
    }

    private void post() {
        for (long number = 1; !stopping.get(); number++) {
            boolean good = false;
            while (!good && !stopping.get()) {
                try {
                    good = http.heartbeat("http://127.0.0.1:" + worker, 7, "lab", "" + number)
                            .startsWith("200");
                } catch (IOException e) {
                    good = false;
                } catch (InterruptedException e) {
                    return;
                }
                if (good) {
                    accepted.set(number);
                } else {
                    if (accepted.get() > 0) {
                        attempts.merge(number, 2, (before, two) -> before + 1);
                    }
                    // Who asks without a pause takes the processor from the process that starts.
                    LockSupport.parkNanos(PAUSE_NS);
                }
            }
        }
    }

    private static List<Long> readUpTo(Bactrian subscriber, long last) throws InterruptedException {
        List<Long> got = new ArrayList<>();
        while (got.isEmpty() || got.get(got.size() - 1) < last) {
            Message message = subscriber.get(PATIENCE);
            assertThat(message).as("after %s", got).isNotNull();
            Matcher data = DATA.matcher(new String(message.body(), StandardCharsets.UTF_8));
            assertThat(data.find()).isTrue();
            got.add(Long.valueOf(data.group(1)));
            subscriber.processed(message);
        }
        return got;
    }
}
