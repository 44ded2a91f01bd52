package io.bactrian.app.bench;

import io.bactrian.app.ExitCode;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Transport;
import io.bactrian.support.config.NumberUnit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code bench scale}: many publishers, subscribers and topics on one hub, which is a process of its own, as are the {@link
 * ScaleWorker}s that share the clients; then the time of a start after {@code kill -9}, with a small and with a large log.
 */
@Command(
        name = "scale",
        description = {
            "Many publishers, subscribers and topics on one hub: rates, memory, and the time of a start after kill -9.",
            "Each publisher puts to its own topics, each subscriber gets those of one publisher; needs room for the log."
        })
public final class ScaleBench implements Callable<Integer> {
    /** Compilers of short runs take more time than they save, and it is the hub that is measured. */
    private static final List<String> CLIENT_JVM = List.of("-Xmx2g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private static final int FILL_BYTES = 64 << 10;
    private static final int CHUNK = 1_000;
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
            names = "--processes",
            paramLabel = "N",
            defaultValue = "2",
            description = "How many processes share the clients (${DEFAULT-VALUE}).")
    private int processes = 2;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "200000",
            description = "How many are put to the topics in turn (${DEFAULT-VALUE}).")
    private long messages = 200_000;

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
    private final List<BenchProcess> workers = new ArrayList<>();
    private Path data = Path.of("");
    private int publishPort;
    private int subscribePort;

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
            try (BenchProcess hub = BenchHub.start(data, publishPort, subscribePort, null, settings)) {
                figure("start of an empty hub, s", seconds(started));
                withClients(hub);
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

    private void withClients(BenchProcess hub) throws IOException {
        try {
            for (int i = 0; i < processes; i++) {
                workers.add(worker(i));
            }
            for (BenchProcess worker : workers) {
                worker.await("ready");
            }
            double empty = memory(hub);
            figure("memory of an empty hub, MiB", empty);
            rate("subscribers attached and subscribed in a second", subscribers, "attach");
            double attached = memory(hub);
            figure("memory for a subscriber, KiB", (attached - empty) * 1024 / subscribers);
            rate("messages in a second, the first of each topic", topics, "stream " + topics);
            figure("memory for a publisher with its topics, KiB", (memory(hub) - attached) * 1024 / publishers);
            rate("messages in a second, to all topics in turn", messages, "stream " + messages);
            long count = Math.max(100, messages / subscribers);
            rate("deliveries in a second, of one topic to all subscribers", count * subscribers, "fan " + count);
            figure("memory of the hub, MiB", memory(hub));
            figure("processor time of the hub, s", hub.cpuSeconds());
            figure(
                    "processor time of the clients, s",
                    workers.stream().mapToDouble(BenchProcess::cpuSeconds).sum());
        } finally {
            for (BenchProcess worker : workers) {
                worker.killNow();
                worker.close();
            }
        }
    }

    private BenchProcess worker(int number) throws IOException {
        return new BenchProcess(
                "clients-" + number,
                CLIENT_JVM,
                ScaleWorker.class.getName(),
                String.valueOf(number),
                String.valueOf(processes),
                String.valueOf(publishers),
                String.valueOf(subscribers),
                String.valueOf(topics),
                String.valueOf(publishPort),
                String.valueOf(subscribePort),
                data.resolve("clients").toString());
    }

    /** Has all client processes do something, and counts it. */
    private void rate(String name, long count, String command) throws IOException {
        tell(name);
        long started = System.nanoTime();
        for (BenchProcess worker : workers) {
            worker.say(command);
        }
        for (BenchProcess worker : workers) {
            worker.await("done");
        }
        figure(name, count / seconds(started));
    }

    /** Puts until the log has the size. */
    private void fill() throws InterruptedException, ExecutionException {
        tell("a log of " + log);
        byte[] body = new byte[FILL_BYTES];
        long count = NumberUnit.SIZE.parse(log) / FILL_BYTES;
        long started = System.nanoTime();
        try (Transport transport = new Transport();
                Publisher publisher = Publisher.open(ClientSettings.builder("fill")
                        .publishPort(publishPort)
                        .subscribePort(subscribePort)
                        .data(data.resolve("clients"))
                        .transport(transport)
                        .build())) {
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

    private static void await(List<CompletableFuture<Accepted>> underWay)
            throws InterruptedException, ExecutionException {
        for (CompletableFuture<Accepted> put : underWay) {
            put.get();
        }
        underWay.clear();
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
