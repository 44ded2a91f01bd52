package io.bactrian.app.bench;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import io.bactrian.pubsub.client.Transport;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One client process of {@code bench scale}: every n-th publisher and subscriber. It answers {@code attach}, {@code stream COUNT}
 * and {@code fan COUNT} with {@code done} when all of it is accepted and got. Cursors are in memory: a real subscriber has a
 * disk of its own.
 */
final class ScaleWorker {
    static final long WAIT_S = 600;

    private static final int CLIENTS_OF_A_TRANSPORT = 400;
    private static final int CURSOR_CONNECTIONS = 64;
    private static final long PAUSE_MIN_NANOS = 1_000_000;
    private static final long PAUSE_MAX_NANOS = 16_000_000;
    private static final int BODY_BYTES = 64;
    private static final int CHUNK = 1_000;
    private static final int WINDOW_MESSAGES = 100_000;
    private static final int WINDOW_BYTES = 256 << 10;

    private final int number;
    private final int processes;
    private final int publishers;
    private final int subscribers;
    private final int topics;
    private final int publishPort;
    private final int subscribePort;
    private final Path data;
    private final HikariDataSource cursors =
            Databases.open(new DatabaseSettings("jdbc:h2:mem:cursors;DB_CLOSE_DELAY=-1", "sa", "", CURSOR_CONNECTIONS));
    private final List<Transport> transports = new ArrayList<>();
    private final Map<Integer, Publisher> puts = new TreeMap<>();
    private final Map<Integer, Subscriber> gets = new TreeMap<>();
    private final AtomicLong got = new AtomicLong();
    private long expected;
    private int clients;

    private ScaleWorker(String[] args) {
        number = Integer.parseInt(args[0]);
        processes = Integer.parseInt(args[1]);
        publishers = Integer.parseInt(args[2]);
        subscribers = Integer.parseInt(args[3]);
        topics = Integer.parseInt(args[4]);
        publishPort = Integer.parseInt(args[5]);
        subscribePort = Integer.parseInt(args[6]);
        data = Path.of(args[7]);
    }

    /** {@code NUMBER PROCESSES PUBLISHERS SUBSCRIBERS TOPICS PUBLISH-PORT SUBSCRIBE-PORT FOLDER}; ends when killed. */
    public static void main(String[] args) throws Exception {
        ScaleWorker worker = new ScaleWorker(args);
        System.out.println("ready ");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "attach" -> worker.attach();
                case "stream" -> worker.stream(Long.parseLong(words[1]));
                case "fan" -> worker.fan(Long.parseLong(words[1]));
                default -> throw new IllegalArgumentException("no command " + line);
            }
            System.out.println("done ");
        }
    }

    private ClientSettings settings(String id) {
        if (clients++ % CLIENTS_OF_A_TRANSPORT == 0) {
            transports.add(new Transport());
        }
        return ClientSettings.builder(id)
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(data)
                .dataSource(cursors)
                .receiveWindowBytes(WINDOW_BYTES)
                .requestTime(Duration.ofSeconds(WAIT_S))
                .transport(transports.get(transports.size() - 1))
                .closeTime(Duration.ZERO)
                .build();
    }

    private boolean mine(long client) {
        return client % processes == number;
    }

    private void attach() throws Exception {
        List<CompletableFuture<Long>> subscriptions = new ArrayList<>();
        for (int i = number; i < subscribers; i += processes) {
            Subscriber subscriber = Subscriber.open(settings("subscriber-" + i));
            gets.put(i, subscriber);
            subscriptions.add(subscriber.subscribe("p" + i % publishers + "/*", Start.OLDEST));
            subscriptions.add(subscriber.subscribe("all", Start.OLDEST));
        }
        for (CompletableFuture<Long> subscription : subscriptions) {
            subscription.get(WAIT_S, TimeUnit.SECONDS);
        }
        Thread reader = new Thread(this::read, "bench-reader");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        long pauseNanos = PAUSE_MIN_NANOS;
        try {
            while (true) {
                long before = got.get();
                for (Subscriber subscriber : gets.values()) {
                    for (int n = 0; n < CHUNK && subscriber.get(Duration.ZERO) != null; n++) {
                        got.incrementAndGet();
                    }
                }
                pauseNanos = got.get() > before ? PAUSE_MIN_NANOS : Math.min(2 * pauseNanos, PAUSE_MAX_NANOS);
                LockSupport.parkNanos(pauseNanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Of so many messages of all processes, taken in turn, those of this one's publishers; each from another publisher than the last. */
    private void stream(long count) throws Exception {
        long each = Math.max(1, topics / publishers);
        byte[] body = new byte[BODY_BYTES];
        for (int subscriber : gets.keySet()) {
            int from = subscriber % publishers;
            expected += count / publishers + (from < count % publishers ? 1 : 0);
        }
        List<CompletableFuture<Accepted>> underWay = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            int from = (int) (i % publishers);
            if (mine(from)) {
                Publisher publisher = puts.computeIfAbsent(from, id -> Publisher.open(settings("publisher-" + id)));
                underWay.add(publisher.put("p" + from + "/" + i / publishers % each, body));
                if (underWay.size() >= WINDOW_MESSAGES) {
                    await(underWay);
                }
            }
        }
        await(underWay);
        awaitGot();
    }

    private void fan(long count) throws Exception {
        byte[] body = new byte[BODY_BYTES];
        expected += count * gets.size();
        List<CompletableFuture<Accepted>> underWay = new ArrayList<>();
        Publisher publisher = puts.get(0);
        for (long i = 0; publisher != null && i < count; i++) {
            underWay.add(publisher.put("all", body));
        }
        await(underWay);
        awaitGot();
    }

    private static void await(List<CompletableFuture<Accepted>> underWay)
            throws InterruptedException, ExecutionException {
        for (CompletableFuture<Accepted> put : underWay) {
            put.get();
        }
        underWay.clear();
    }

    private void awaitGot() throws IOException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (got.get() < expected) {
            if (System.nanoTime() > until) {
                throw new IOException("only " + got.get() + " of " + expected + " messages were got");
            }
            LockSupport.parkNanos(PAUSE_MIN_NANOS);
        }
    }
}
