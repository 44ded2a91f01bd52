package io.bactrian.pair.hub;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.BactrianException;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Publishers that put numbers, each in its own topic, and subscribers that hold each message against the one before. */
final class HubLoad implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long PAUSE_MS = 20;

    private final Path folder;
    private final String name;
    private final String hubs;
    private final List<Load> loads = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private volatile boolean ended;
    private volatile boolean easy;

    /** {@code hubs} is what clients call the host. Nothing is put before {@link #start}; subscribers are known on return. */
    HubLoad(Path folder, String hubs, int publishers, int subscribers) {
        this(folder, "", hubs, publishers, subscribers);
    }

    /** {@code name} tells it from another load of the same hubs. */
    private HubLoad(Path folder, String name, String hubs, int publishers, int subscribers) {
        this.folder = folder;
        this.name = name;
        this.hubs = hubs;
        for (int i = 0; i < subscribers; i++) {
            readers.add(new Reader(name + "reader-" + i, publishers));
        }
        for (int i = 0; i < publishers; i++) {
            loads.add(new Load(topic(i)));
        }
    }

    /**
     * The load as a process of its own: each line of input is answered with the accepted messages of each publisher, and its end with
     * the verdict.
     */
    public static void main(String[] args) throws Exception {
        try (HubLoad load =
                new HubLoad(Path.of(args[0]), args[1], args[2], Integer.parseInt(args[3]), Integer.parseInt(args[4]))) {
            load.start();
            try (var in =
                    new java.io.BufferedReader(new java.io.InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                while (in.readLine() != null) {
                    System.out.println(load.accepted().toString().replaceAll("[\\[\\],]", ""));
                }
            }
            load.end();
            System.out.println(load.problem().isEmpty() ? "good" : load.problem());
        }
    }

    private String topic(int number) {
        return name + "topic-" + number;
    }

    void start() {
        readers.forEach(Thread::start);
        loads.forEach(Thread::start);
    }

    /** Whether publishers pause now and then, so that a node that starts meanwhile gets a processor. */
    void takeItEasy(boolean now) {
        easy = now;
    }

    /** What each publisher has had accepted. */
    List<Long> accepted() {
        return loads.stream().map(load -> load.accepted.get()).toList();
    }

    /** Puts no more, and returns when each subscriber has got everything, or its patience is over. */
    void end() throws InterruptedException {
        ended = true;
        for (Load load : loads) {
            load.join(PATIENCE.toMillis());
        }
        long all = accepted().stream().mapToLong(Long::longValue).sum();
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < until && readers.stream().anyMatch(reader -> reader.got.get() < all)) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** What is wrong after the {@link #end}; empty if each subscriber has got each message once and in order. */
    String problem() {
        long all = accepted().stream().mapToLong(Long::longValue).sum();
        for (Load load : loads) {
            if (load.failure != null || load.isAlive()) {
                return load.getName() + " failed: " + load.failure;
            }
        }
        for (Reader reader : readers) {
            if (reader.wrong != null || reader.got.get() != all) {
                return reader.getName() + " got " + reader.got + " of " + all + ", " + reader.wrong;
            }
        }
        return "";
    }

    /** Why a publisher has ended; empty while all go on. */
    String failure() {
        return loads.stream()
                .filter(load -> load.failure != null)
                .map(load -> load.getName() + ": " + load.failure)
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        ended = true;
        readers.forEach(reader -> reader.subscriber.close());
    }

    private ClientSettings client(String id) {
        return ClientSettings.builder(id)
                .host(hubs)
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
                        TimeUnit.MILLISECONDS.sleep(easy ? PAUSE_MS : 0);
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

        Reader(String id, int topics) {
            super(id);
            subscriber = Bactrian.open(client(id));
            for (int i = 0; i < topics; i++) {
                subscriber.subscribe(topic(i), Start.OLDEST);
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
}
