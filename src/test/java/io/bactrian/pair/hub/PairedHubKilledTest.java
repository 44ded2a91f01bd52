package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.BactrianException;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The active of two hubs is killed again and again under load: what was accepted is got once, in order, by everybody. */
class PairedHubKilledTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int PUBLISHERS = 3;
    private static final int SUBSCRIBERS = 3;

    @TempDir
    Path folder;

    private final Map<String, Integer> ports = new HashMap<>();
    private volatile boolean ended;

    private int port(String name) {
        return ports.computeIfAbsent(name, key -> Ports.free());
    }

    private ClientSettings client(String id) {
        List<String> hosts = new ArrayList<>();
        for (String side : List.of("primary", "backup")) {
            hosts.add("127.0.0.1:" + port(side + " publish") + "/" + port(side + " subscribe"));
        }
        return ClientSettings.builder(id)
                .host(String.join(",", hosts))
                .data(folder.resolve("client-" + id))
                .blockTime(PATIENCE)
                .requestTime(PATIENCE)
                .closeTime(PATIENCE)
                .build();
    }

    /** Puts numbers in its own topic for as long as it goes on. */
    private final class Load extends Thread {
        private final String topic;
        private final AtomicLong accepted = new AtomicLong();
        private volatile Throwable failure;

        Load(String topic) {
            super(topic);
            this.topic = topic;
        }

        @Override
        public void run() {
            try (Bactrian publisher = Bactrian.open(client(topic))) {
                List<CompletableFuture<?>> puts = new ArrayList<>();
                for (long i = 0; !ended; i++) {
                    puts.add(publisher
                            .put(topic, String.valueOf(i).getBytes(StandardCharsets.UTF_8))
                            .thenRun(accepted::incrementAndGet));
                    if (puts.size() == 50) {
                        CompletableFuture.allOf(puts.toArray(CompletableFuture[]::new))
                                .join();
                        puts.clear();
                    }
                }
                CompletableFuture.allOf(puts.toArray(CompletableFuture[]::new)).join();
            } catch (Exception e) {
                failure = e;
            }
        }
    }

    /** Gets all topics, and notes what is not the next of its topic. */
    private final class Reader extends Thread {
        private final Bactrian subscriber;
        private final Map<String, Long> next = new HashMap<>();
        private final AtomicLong got = new AtomicLong();
        private volatile String wrong;

        Reader(String id) {
            super(id);
            subscriber = Bactrian.open(client(id));
            for (int i = 0; i < PUBLISHERS; i++) {
                subscriber.subscribe("topic-" + i, Start.OLDEST);
            }
        }

        @Override
        public void run() {
            try {
                while (true) {
                    Message message = subscriber.get(PATIENCE);
                    if (message == null) {
                        return;
                    }
                    long number = Long.parseLong(new String(message.body(), StandardCharsets.UTF_8));
                    long expected = next.merge(message.topic(), 1L, Long::sum) - 1;
                    if (number != expected && wrong == null) {
                        wrong = getName() + " got " + number + " for " + expected + " of " + message.topic();
                    }
                    subscriber.processed(message);
                    got.incrementAndGet();
                }
            } catch (InterruptedException | BactrianException e) {
                // closed
            }
        }
    }

    @Test
    @Tag("slow")
    void eachOnce() throws Exception {
        killed(2);
    }

    @Test
    @Tag("campaign")
    void twentyTimes() throws Exception {
        killed(20);
    }

    private void killed(int times) throws Exception {
        PairProcesses hubs = new PairProcesses(folder, List.of("hub-pair", "--side"), true, 200);
        for (String side : List.of("primary", "backup")) {
            hubs.set(side, "bactrian.hub.publish", "tcp://127.0.0.1:" + port(side + " publish"));
            hubs.set(side, "bactrian.hub.subscribe", "tcp://127.0.0.1:" + port(side + " subscribe"));
            hubs.set(side, "bactrian.hub.plain.in", "tcp://127.0.0.1:" + port(side + " in"));
            hubs.set(side, "bactrian.hub.plain.out", "tcp://127.0.0.1:" + port(side + " out"));
            hubs.set(side, "bactrian.hub.keep.intervalMs", "500");
        }
        List<Load> loads = new ArrayList<>();
        List<Reader> readers = new ArrayList<>();
        try (hubs) {
            hubs.start("witness");
            hubs.start("primary");
            hubs.start("backup");
            await().atMost(PATIENCE).until(() -> hubs.says("primary", "peerStanding", "IN"));
            for (int i = 0; i < SUBSCRIBERS; i++) {
                readers.add(new Reader("reader-" + i));
            }
            for (int i = 0; i < PUBLISHERS; i++) {
                loads.add(new Load("topic-" + i));
            }
            readers.forEach(Thread::start);
            loads.forEach(Thread::start);
            String active = "primary";
            for (int i = 0; i < times; i++) {
                awaitProgress(loads);
                hubs.kill(active);
                awaitProgress(loads);
                String other = active.equals("primary") ? "backup" : "primary";
                assertThat(hubs.says(other, "role", "ACTIVE")).isTrue();
                hubs.start(active);
                await().atMost(PATIENCE).until(() -> hubs.says(other, "peerStanding", "IN"));
                active = other;
            }
            ended = true;
            for (Load load : loads) {
                load.join(PATIENCE.toMillis());
                assertThat(load.failure).isNull();
            }
            long accepted =
                    loads.stream().mapToLong(load -> load.accepted.get()).sum();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(readers).allSatisfy(reader -> {
                        assertThat(reader.wrong).isNull();
                        assertThat(reader.got.get()).isEqualTo(accepted);
                    }));
        } finally {
            ended = true;
            readers.forEach(reader -> reader.subscriber.close());
        }
        assertThat(readers).allSatisfy(reader -> assertThat(reader.wrong).isNull());
    }

    private static void awaitProgress(List<Load> loads) {
        List<Long> before = loads.stream().map(load -> load.accepted.get()).toList();
        await().atMost(PATIENCE).untilAsserted(() -> {
            for (int i = 0; i < loads.size(); i++) {
                assertThat(loads.get(i).failure).isNull();
                assertThat(loads.get(i).accepted.get()).isGreaterThan(before.get(i) + 100);
            }
        });
    }
}
