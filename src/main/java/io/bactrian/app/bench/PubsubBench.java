package io.bactrian.app.bench;

import io.bactrian.app.bench.PubsubWorker.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures publish/subscribe through the Java API, one put and one get for each message, over a hub that syncs what it
 * accepts. Hub, publishers and subscribers are processes of their own; in the same run JeroMQ's PUB and SUB carry the
 * same messages, one a frame, without a hub.
 */
public final class PubsubBench {
    private static final int ONE_AT_A_TIME = 10_000;
    private static final int HEAP_LOOKS = 5;
    /** Subscribers have got and acknowledged by then what a steady flow left under way. */
    private static final Duration SETTLE = Duration.ofSeconds(3);

    private static final String WORKER = PubsubWorker.class.getName();

    /**
     * What is measured.
     *
     * @param size octets of a body, at least 8
     * @param publishers processes that put, at least 1
     * @param subscribers processes that each get every message, at least 1
     * @param messages put by all publishers together
     * @param duration if given, messages flow for so long, and the heaps are reported instead of the raw comparison
     * @param profile if given, the hub writes a recording of the Java Flight Recorder to it
     */
    public record Options(
            int size,
            int publishers,
            int subscribers,
            long messages,
            @Nullable Duration duration,
            @Nullable Path profile) {
        public Options {
            if (size < 8 || publishers < 1 || subscribers < 1 || messages < 100) {
                throw new IllegalArgumentException(
                        "size must be at least 8, publishers and subscribers at least 1, messages at least 100");
            }
        }
    }

    private final Options options;
    private final Consumer<String> progress;
    private final Path data;
    private final int publishPort;
    private final int subscribePort;

    private PubsubBench(Options options, Consumer<String> progress) throws IOException {
        this.options = options;
        this.progress = progress;
        data = Files.createTempDirectory("bactrian-bench");
        publishPort = BenchHub.freePort();
        subscribePort = BenchHub.freePort();
    }

    /**
     * Runs all cases. Takes the whole machine while it does.
     *
     * @param progress told what goes on, a line at a time
     */
    public static List<PubsubResult> run(Options options, Consumer<String> progress) throws IOException {
        PubsubBench bench = new PubsubBench(options, progress);
        try {
            return bench.run();
        } finally {
            delete(bench.data);
        }
    }

    private List<PubsubResult> run() throws IOException {
        List<PubsubResult> results = new ArrayList<>();
        try (BenchProcess hub = BenchHub.start(data, publishPort, subscribePort, options.profile())) {
            progress.accept("hub started pid=" + hub.pid());
            Duration duration = options.duration();
            if (duration != null) {
                flow(hub, duration);
                return List.of();
            }
            stream("warm", Math.max(100, options.messages() / 4));
            double before = hub.cpuSeconds();
            Figures stream = stream("stream", options.messages());
            progress.accept(cpu(stream, hub.cpuSeconds() - before));
            Figures single = oneAtATime();
            progress.accept("raw JeroMQ");
            double raw = raw();
            results.add(new PubsubResult(
                    "stream",
                    options.size(),
                    options.subscribers(),
                    stream.rate(),
                    raw,
                    stream.p50(),
                    stream.p99(),
                    0));
            results.add(new PubsubResult(
                    "one-at-a-time",
                    options.size(),
                    options.subscribers(),
                    single.rate(),
                    0,
                    single.p50(),
                    single.p99(),
                    single.acceptedP50()));
        }
        return results;
    }

    private String cpu(Figures stream, double hubSeconds) {
        return String.format(
                Locale.ROOT,
                "processor time of a message: hub %.2f us, publishers %.2f us, subscribers %.2f us (their start included);"
                        + " %.0f messages a batch",
                hubSeconds * 1e6 / options.messages(),
                stream.publisherCpu() * 1e6 / options.messages(),
                stream.subscriberCpu() * 1e6 / options.messages(),
                options.messages() / Math.max(1, stream.batches()));
    }

    private record Figures(
            double rate,
            double p50,
            double p99,
            double acceptedP50,
            double publisherCpu,
            double subscriberCpu,
            double batches) {
        /** Of several subscribers the slowest counts. */
        static Figures of(List<Map<String, Double>> publishers, List<Map<String, Double>> subscribers) {
            return new Figures(
                    values(subscribers, "rate").min().orElse(0),
                    values(subscribers, "p50").max().orElse(0),
                    values(subscribers, "p99").max().orElse(0),
                    values(publishers, "p50").max().orElse(0),
                    values(publishers, "cpu").sum(),
                    values(subscribers, "cpu").sum(),
                    values(publishers, "batches").sum());
        }

        private static DoubleStream values(List<Map<String, Double>> figures, String name) {
            return figures.stream().mapToDouble(f -> f.getOrDefault(name, 0.0));
        }
    }

    private Figures stream(String name, long messages) throws IOException {
        progress.accept(name + " of " + messages + " messages to " + options.subscribers() + " subscribers");
        long each = messages / options.publishers();
        try (Workers workers = new Workers()) {
            List<BenchProcess> subscribers = subscribers(workers, name, each * options.publishers());
            List<BenchProcess> publishers = new ArrayList<>();
            for (int i = 0; i < options.publishers(); i++) {
                publishers.add(workers.start(task("publish", name + "-publisher-" + i, each)));
            }
            return collect(subscribers, publishers);
        }
    }

    private Figures oneAtATime() throws IOException {
        progress.accept("one message at a time");
        long messages = Math.min(ONE_AT_A_TIME, options.messages());
        try (Workers workers = new Workers()) {
            List<BenchProcess> subscribers = subscribers(workers, "single", messages);
            BenchProcess publisher = workers.start(task("publish-one-at-a-time", "single-publisher", messages));
            return collect(subscribers, List.of(publisher));
        }
    }

    private static Figures collect(List<BenchProcess> subscribers, List<BenchProcess> publishers) throws IOException {
        for (BenchProcess publisher : publishers) {
            publisher.await("ready");
        }
        for (BenchProcess publisher : publishers) {
            publisher.go();
        }
        return Figures.of(figures(publishers), figures(subscribers));
    }

    private static List<Map<String, Double>> figures(List<BenchProcess> processes) throws IOException {
        List<Map<String, Double>> figures = new ArrayList<>();
        for (BenchProcess process : processes) {
            figures.add(process.figures());
        }
        return figures;
    }

    private List<BenchProcess> subscribers(Workers workers, String name, long messages) throws IOException {
        List<BenchProcess> subscribers = new ArrayList<>();
        for (int i = 0; i < options.subscribers(); i++) {
            subscribers.add(workers.start(task("subscribe", name + "-subscriber-" + i, messages)));
        }
        for (BenchProcess subscriber : subscribers) {
            subscriber.await("ready");
        }
        return subscribers;
    }

    private Task task(String role, String id, long messages) {
        return new Task(role, id, publishPort, subscribePort, data.resolve(id), options.size(), messages);
    }

    private double raw() throws IOException {
        try (Workers workers = new Workers()) {
            Task sending =
                    new Task("raw-publish", "raw", options.subscribers(), 0, data, options.size(), options.messages());
            BenchProcess publisher = workers.start(sending);
            int port = Integer.parseInt(publisher.await("ready"));
            List<BenchProcess> subscribers = new ArrayList<>();
            for (int i = 0; i < options.subscribers(); i++) {
                subscribers.add(workers.start(
                        new Task("raw-subscribe", "raw-" + i, 0, port, data, options.size(), options.messages())));
            }
            publisher.go();
            double rate = Figures.of(List.of(), figures(subscribers)).rate();
            publisher.go();
            return rate;
        }
    }

    /**
     * Lets messages flow, and reports the heaps after a collection at a fifth of the time, and then at each fifth. The flow
     * rests meanwhile: what is under way would be most of what is seen.
     */
    private void flow(BenchProcess hub, Duration duration) throws IOException {
        try (Workers workers = new Workers()) {
            List<BenchProcess> all = new ArrayList<>(List.of(hub));
            all.addAll(subscribers(workers, "flow", Long.MAX_VALUE));
            BenchProcess publisher = workers.start(task("publish-until-told", "flow-publisher", 0));
            publisher.await("ready");
            publisher.go();
            all.add(publisher);
            HeapReport report =
                    new HeapReport(all.stream().map(BenchProcess::pid).toList(), progress);
            for (int part = 1; part <= HEAP_LOOKS; part++) {
                sleep(duration.dividedBy(HEAP_LOOKS));
                publisher.say("rest");
                publisher.await("resting");
                sleep(SETTLE);
                report.look(duration.multipliedBy(part).dividedBy(HEAP_LOOKS));
                publisher.go();
            }
            publisher.say("end");
            progress.accept("publisher accepted="
                    + publisher.figures().getOrDefault("accepted", 0.0).longValue());
        }
    }

    private static void sleep(Duration time) throws IOException {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** The processes of one case, all of which end with it. */
    private static final class Workers implements AutoCloseable {
        private final List<BenchProcess> all = new ArrayList<>();

        BenchProcess start(Task task) throws IOException {
            BenchProcess worker = new BenchProcess(task.id(), List.of("-Xmx256m"), WORKER, task.arguments());
            all.add(worker);
            return worker;
        }

        @Override
        public void close() throws IOException {
            for (BenchProcess worker : all) {
                worker.close();
            }
        }
    }
}
