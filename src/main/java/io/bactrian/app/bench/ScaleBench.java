package io.bactrian.app.bench;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.app.ExitCode;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import io.bactrian.pubsub.client.Transport;
import io.bactrian.support.config.NumberUnit;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code bench scale}: many publishers, subscribers and topics on one hub, which is a process of its own, while all clients
 * share this one; then the time of a start after {@code kill -9}, with a small and with a large log.
 */
@Command(
        name = "scale",
        description = {
            "Many publishers, subscribers and topics on one hub: rates, memory, and the time of a start after kill -9.",
            "Each publisher puts to its own topics, each subscriber gets those of one publisher; needs room for the log."
        })
public final class ScaleBench implements Callable<Integer> {
    private static final int CLIENTS_OF_A_TRANSPORT = 400;
    private static final int READERS = 2;
    private static final long PAUSE_NANOS = 1_000_000;
    private static final long PAUSE_MAX_NANOS = 16_000_000;
    private static final int BODY_BYTES = 64;
    private static final int FILL_BYTES = 64 << 10;
    private static final int CHUNK = 1_000;
    private static final int WINDOW_MESSAGES = 100_000;
    private static final int WINDOW_BYTES = 256 << 10;
    private static final long WAIT_S = 600;
    private static final double MIB = 1 << 20;

    @Option(
            names = "--publishers",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many (${DEFAULT-VALUE}).")
    private int publishers = 1_000;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many (${DEFAULT-VALUE}).")
    private int subscribers = 1_000;

    @Option(names = "--topics", paramLabel = "N", defaultValue = "10000", description = "How many (${DEFAULT-VALUE}).")
    private int topics = 10_000;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "How many are put to the topics in turn (${DEFAULT-VALUE}).")
    private long messages = 1_000_000;

    @Option(
            names = "--log",
            paramLabel = "SIZE",
            defaultValue = "1g",
            description = "How large the log is at the last start (${DEFAULT-VALUE}).")
    private String log = "1g";

    @Option(names = "--json", description = "Prints a JSON array with one object for each figure.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private record Figure(String name, double value) {}

    private final List<Figure> figures = new ArrayList<>();
    private final List<Transport> transports = new ArrayList<>();
    private final List<Publisher> puts = new ArrayList<>();
    private final List<Subscriber> gets = new ArrayList<>();
    private final AtomicLong got = new AtomicLong();
    private Path data = Path.of("");
    private int publishPort;
    private int subscribePort;
    private volatile boolean over;
    private int clients;

    @Override
    public Integer call() throws Exception {
        data = Files.createTempDirectory("bactrian-bench");
        publishPort = BenchHub.freePort();
        subscribePort = BenchHub.freePort();
        String[] settings = {
            "bactrian.hub.publishers.max=" + (publishers + 10),
            "bactrian.hub.subscribers.max=" + (subscribers + 10),
            "bactrian.hub.topics.max=" + (topics + 10),
            "bactrian.hub.retention.bytes=1000g",
            "bactrian.hub.retention.total=1000g"
        };
        try {
            long started = System.nanoTime();
            try (BenchProcess hub = BenchHub.start(data, publishPort, subscribePort, null, settings);
                    HikariDataSource cursors = Databases.open(DatabaseSettings.file(data, "cursors"))) {
                figure("start of an empty hub, s", seconds(started));
                withClients(hub, cursors);
                hub.killNow();
            }
            started = System.nanoTime();
            try (BenchProcess hub = BenchHub.start(data, publishPort, subscribePort, null, settings)) {
                figure("start after kill -9 with that log, s", seconds(started));
                figure("memory of the hub after it, MiB", memory(hub));
                fill();
                hub.killNow();
            }
            started = System.nanoTime();
            try (BenchProcess hub = BenchHub.start(data, publishPort, subscribePort, null, settings)) {
                figure("start after kill -9 with a log of " + log + ", s", seconds(started));
                figure("memory of the hub after it, MiB", memory(hub));
            }
        } finally {
            BenchHub.delete(data);
        }
        print();
        return ExitCode.OK;
    }

    private void withClients(BenchProcess hub, DataSource cursors) throws Exception {
        List<Thread> readers = new ArrayList<>();
        try {
            double empty = memory(hub);
            figure("memory of an empty hub, MiB", empty);
            long started = System.nanoTime();
            List<CompletableFuture<Long>> subscriptions = new ArrayList<>();
            for (int i = 0; i < subscribers; i++) {
                Subscriber subscriber = Subscriber.open(settings("subscriber-" + i)
                        .dataSource(cursors)
                        .requestTime(Duration.ofSeconds(WAIT_S))
                        .build());
                gets.add(subscriber);
                subscriptions.add(subscriber.subscribe("p" + i % publishers + "/*", Start.OLDEST));
                subscriptions.add(subscriber.subscribe("all", Start.OLDEST));
            }
            for (CompletableFuture<Long> subscription : subscriptions) {
                subscription.get(WAIT_S, TimeUnit.SECONDS);
            }
            figure("subscribers attached and subscribed in a second", subscribers / seconds(started));
            double attached = memory(hub);
            figure("memory for a subscriber, KiB", (attached - empty) * 1024 / subscribers);
            for (int i = 0; i < READERS; i++) {
                int first = i;
                Thread reader = new Thread(() -> read(first), "bench-reader-" + i);
                readers.add(reader);
                reader.start();
            }
            stream("messages in a second, the first of each topic", topics);
            figure("memory for a publisher with its topics, KiB", (memory(hub) - attached) * 1024 / publishers);
            stream("messages in a second, to all topics in turn", messages);
            fanOut(Math.max(100, messages / subscribers));
            figure("memory of the hub, MiB", memory(hub));
            figure("processor time of the hub, s", hub.cpuSeconds());
        } finally {
            over = true;
            for (Thread reader : readers) {
                reader.join();
            }
            puts.parallelStream().forEach(Publisher::close);
            gets.parallelStream().forEach(Subscriber::close);
            transports.forEach(Transport::close);
        }
    }

    private ClientSettings.Builder settings(String id) {
        if (clients++ % CLIENTS_OF_A_TRANSPORT == 0) {
            transports.add(new Transport());
        }
        return ClientSettings.builder(id)
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(data.resolve("clients"))
                .receiveWindowBytes(WINDOW_BYTES)
                .transport(transports.get(transports.size() - 1))
                .closeTime(Duration.ZERO);
    }

    /** Each publisher is opened when it puts for the first time. */
    private Publisher publisher(int number) {
        while (puts.size() <= number) {
            puts.add(Publisher.open(settings("publisher-" + puts.size()).build()));
        }
        return puts.get(number);
    }

    private void read(int first) {
        long pauseNanos = PAUSE_NANOS;
        try {
            while (!over) {
                boolean some = false;
                for (int i = first; i < gets.size(); i += READERS) {
                    for (int n = 0; n < CHUNK && gets.get(i).get(Duration.ZERO) != null; n++) {
                        got.incrementAndGet();
                        some = true;
                    }
                }
                if (some) {
                    pauseNanos = PAUSE_NANOS;
                } else {
                    LockSupport.parkNanos(pauseNanos);
                    pauseNanos = Math.min(2 * pauseNanos, PAUSE_MAX_NANOS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Topics are taken in turn, so that each message comes from another publisher than the last. */
    private void stream(String name, long count) throws IOException, InterruptedException, ExecutionException {
        tell(name);
        long each = Math.max(1, topics / publishers);
        byte[] body = new byte[BODY_BYTES];
        long before = got.get();
        long expected = 0;
        long started = System.nanoTime();
        List<CompletableFuture<Accepted>> underWay = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            int from = (int) (i % publishers);
            expected += from < subscribers ? (subscribers - from - 1) / publishers + 1 : 0;
            underWay.add(publisher(from).put("p" + from + "/" + i / publishers % each, body));
            if (underWay.size() >= WINDOW_MESSAGES) {
                await(underWay);
            }
        }
        await(underWay);
        awaitGot(before + expected);
        figure(name, count / seconds(started));
    }

    private void fanOut(long count) throws IOException, InterruptedException, ExecutionException {
        String name = "deliveries in a second, of one topic to all subscribers";
        tell(name);
        byte[] body = new byte[BODY_BYTES];
        long before = got.get();
        long started = System.nanoTime();
        List<CompletableFuture<Accepted>> underWay = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            underWay.add(publisher(0).put("all", body));
        }
        await(underWay);
        awaitGot(before + count * subscribers);
        figure(name, count * subscribers / seconds(started));
    }

    private static void await(List<CompletableFuture<Accepted>> underWay)
            throws InterruptedException, ExecutionException {
        for (CompletableFuture<Accepted> put : underWay) {
            put.get();
        }
        underWay.clear();
    }

    private void awaitGot(long count) throws IOException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (got.get() < count) {
            if (System.nanoTime() > until) {
                throw new IOException("only " + got.get() + " of " + count + " messages were got");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Puts until the log has the size. */
    private void fill() throws InterruptedException, ExecutionException {
        tell("a log of " + log);
        byte[] body = new byte[FILL_BYTES];
        long count = NumberUnit.SIZE.parse(log) / FILL_BYTES;
        long started = System.nanoTime();
        try (Transport transport = new Transport();
                Publisher publisher =
                        Publisher.open(settings("fill").transport(transport).build())) {
            List<CompletableFuture<Accepted>> underWay = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                underWay.add(publisher.put("fill", body));
                if (underWay.size() >= CHUNK) {
                    await(underWay);
                }
            }
            await(underWay);
        }
        figure("MiB of the log written in a second", count * FILL_BYTES / MIB / seconds(started));
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    /** What the process has in memory, in MiB; 0 where the system does not tell. */
    private static double memory(BenchProcess process) throws IOException {
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0)
                / 1024.0;
    }

    private void figure(String name, double value) {
        figures.add(new Figure(name, value));
        tell(String.format(Locale.ROOT, "%s: %,.1f", name, value));
    }

    private void tell(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private void print() {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonArray array = new JsonArray();
            for (Figure figure : figures) {
                JsonObject object = new JsonObject();
                object.put("figure", figure.name());
                object.put("value", Math.round(figure.value() * 10) / 10.0);
                array.add(object);
            }
            out.println(array.toJson());
        } else {
            out.printf(Locale.ROOT, "%,d publishers, %,d subscribers, %,d topics%n", publishers, subscribers, topics);
            figures.forEach(f -> out.printf(Locale.ROOT, "%-60s %,14.1f%n", f.name(), f.value()));
        }
        out.flush();
    }
}
