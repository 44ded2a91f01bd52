package io.bactrian.app.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Publish/subscribe through the Java API, one put and one get for each message, over a hub that syncs what it accepts. Hub,
 * publishers and subscribers are processes of their own, the same ones for all that is measured, after some seconds to warm
 * up.
 */
public final class RateBench {
    private static final List<Integer> PERCENTS = List.of(10, 20, 30, 40, 50, 60, 70, 80, 100, 110);
    private static final int PERCENT = 100;
    /** At first half of the processor time is the compiler's. */
    private static final Duration WARM_UP_MAX = Duration.ofSeconds(15);

    private static final int SYNCS = 1_000;
    private static final int SYNCED_BYTES = 4096;
    private static final long STEADY_RATE = 50_000;
    private static final int HEAP_LOOKS = 5;
    /** Subscribers have got and acknowledged by then what a steady flow left under way. */
    private static final Duration SETTLE = Duration.ofSeconds(3);
    /** How much of the highest rate flows while a subscriber returns: it and the live ones share what is left. */
    private static final int LOAD_PERCENT = 40;

    private static final int CATCH_UP_PARTS = 4;

    /**
     * The load of a run.
     *
     * @param size octets of a body, at least 8
     * @param publishers processes that put, at least 1
     * @param subscribers processes that each get every message, at least 1
     * @param duration of each measurement
     * @param rounds how often each is measured where the median counts, at least 1
     * @param profile if given, the hub writes a recording of the Java Flight Recorder to it
     */
    public record Options(
            int size,
            int publishers,
            int subscribers,
            Duration duration,
            int rounds,
            @Nullable Path profile) {
        public Options {
            if (size < 8 || publishers < 1 || subscribers < 1 || rounds < 1 || duration.toMillis() < 1) {
                throw new IllegalArgumentException(
                        "size must be at least 8, publishers, subscribers and rounds at least 1, duration at least 1ms");
            }
        }

        Options withPublishers(int number) {
            return new Options(size, number, subscribers, duration, rounds, profile);
        }

        private Duration warmUp() {
            return duration.multipliedBy(rounds).compareTo(WARM_UP_MAX) < 0
                    ? duration.multipliedBy(rounds)
                    : WARM_UP_MAX;
        }
    }

    private final Options options;
    private final Consumer<String> progress;

    /**
     * A benchmark that has not run. Each of its methods takes the whole machine while it runs.
     *
     * @param progress told what goes on, a line at a time
     */
    public RateBench(Options options, Consumer<String> progress) {
        this.options = options;
        this.progress = progress;
    }

    /** What runs on a hub and its processes. */
    private interface Measurement<T> {
        T run(Fleet ours, BenchProcess hub, Path data, int[] ports) throws IOException;
    }

    private <T> T withHub(Measurement<T> measurement, String... settings) throws IOException {
        Path data = Files.createTempDirectory("bactrian-bench");
        int[] ports = {BenchHub.freePort(), BenchHub.freePort()};
        try (BenchProcess hub = BenchHub.start(data, ports[0], ports[1], options.profile(), settings)) {
            progress.accept("hub started pid=" + hub.pid());
            try (Fleet ours = Fleet.ofHub(options, hub, data, ports, progress)) {
                return measurement.run(ours, hub, data, ports);
            }
        } finally {
            BenchHub.delete(data);
        }
    }

    /**
     * The highest rate, in turns with JeroMQ's PUB and SUB that carry the same without a hub, one message a frame; then one
     * message at a time, in turns with the disk's own sync. Medians of the rounds.
     */
    public List<PubsubResult> ratios() throws IOException {
        return withHub((ours, hub, data, ports) -> {
            try (Fleet raw = Fleet.raw(options, data, progress)) {
                ours.phase(RateLoad.FASTEST, options.warmUp());
                raw.phase(RateLoad.FASTEST, options.warmUp().dividedBy(2));
                List<RateResult> our = new ArrayList<>();
                List<RateResult> their = new ArrayList<>();
                for (int i = 0; i < options.rounds(); i++) {
                    our.add(ours.phase(RateLoad.FASTEST, options.duration()));
                    their.add(raw.phase(RateLoad.FASTEST, options.duration()));
                    progress.accept(our.get(i).line());
                    progress.accept(their.get(i).line());
                }
                ours.phase(RateLoad.ONE_AT_A_TIME, options.warmUp());
                List<RateResult> single = new ArrayList<>();
                List<Double> syncs = new ArrayList<>();
                for (int i = 0; i < options.rounds(); i++) {
                    single.add(ours.phase(RateLoad.ONE_AT_A_TIME, options.duration()));
                    syncs.add(syncMicros(data.resolve("synced")));
                }
                return List.of(PubsubResult.stream(our, their), PubsubResult.oneAtATime(single, Medians.of(syncs)));
            }
        });
    }

    /** How long the disk takes to sync 4 KiB at the end of a file, in microseconds; the median. */
    private static double syncMicros(Path file) throws IOException {
        Latencies latencies = new Latencies(SYNCS);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            // As the journal does: the file has its length before.
            channel.write(ByteBuffer.allocateDirect(SYNCED_BYTES), (long) SYNCS * SYNCED_BYTES);
            ByteBuffer octets = ByteBuffer.allocateDirect(SYNCED_BYTES);
            for (int i = 0; i < SYNCS; i++) {
                long started = System.nanoTime();
                octets.clear();
                channel.write(octets, (long) i * SYNCED_BYTES);
                channel.force(false);
                latencies.add(System.nanoTime() - started);
            }
        }
        return latencies.micros(PERCENT / 2);
    }

    /** Measures at one rate, in messages a second. */
    public List<RateResult> at(long rate) throws IOException {
        return withHub((ours, hub, data, ports) -> {
            ours.phase(rate, options.warmUp());
            return List.of(ours.phase(rate, options.duration()));
        });
    }

    /** Measures at ten rates, from 10 % to 110 % of the highest, which is measured before. */
    public List<RateResult> curve() throws IOException {
        return withHub((ours, hub, data, ports) -> curve(List.of(ours)));
    }

    /** The curves of several systems in turns, each in parts of its own highest rate. */
    List<RateResult> curveBeside(Fleet other) throws IOException {
        return withHub((ours, hub, data, ports) -> curve(List.of(ours, other)));
    }

    private List<RateResult> curve(List<Fleet> fleets) throws IOException {
        List<Long> highest = new ArrayList<>();
        for (Fleet fleet : fleets) {
            highest.add(highest(fleet));
        }
        List<RateResult> results = new ArrayList<>();
        for (int percent : PERCENTS) {
            for (int i = 0; i < fleets.size(); i++) {
                RateResult result = fleets.get(i).phase(highest.get(i) * percent / PERCENT, options.duration());
                progress.accept(result.line());
                results.add(result);
            }
        }
        return results;
    }

    private long highest(Fleet fleet) throws IOException {
        fleet.phase(RateLoad.FASTEST, options.warmUp());
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < options.rounds(); i++) {
            rates.add(fleet.phase(RateLoad.FASTEST, options.duration()).delivered());
        }
        long highest = (long) Medians.of(rates);
        progress.accept(String.format(Locale.ROOT, "highest rate %,d/s", highest));
        return highest;
    }

    /**
     * A subscriber is absent while messages flow, and returns while they go on: how fast it catches up, and what that costs
     * the live ones.
     */
    public CatchUpResult catchUp() throws IOException {
        return withHub(
                (ours, hub, data, ports) -> {
                    try (BenchProcess absent =
                            Fleet.worker("subscribe-now-and-then", "returning", ports, data, options)) {
                        absent.await("ready");
                        long rate = highest(ours) * LOAD_PERCENT / PERCENT;
                        // Once to warm up.
                        ours.phase(rate, options.duration());
                        catchUp(ours, absent, rate);
                        absent.figures();
                        List<RateResult> alone = new ArrayList<>();
                        List<RateResult> beside = new ArrayList<>();
                        List<Double> rates = new ArrayList<>();
                        List<Double> seconds = new ArrayList<>();
                        for (int i = 0; i < options.rounds(); i++) {
                            alone.add(ours.phase(rate, options.duration()));
                            beside.addAll(catchUp(ours, absent, rate));
                            Map<String, Double> caughtUp = absent.figures();
                            rates.add(caughtUp.getOrDefault("rate", 0.0));
                            seconds.add(caughtUp.getOrDefault("seconds", 0.0));
                        }
                        return CatchUpResult.of(rate, alone, beside, Medians.of(rates), Medians.of(seconds));
                    }
                },
                "bactrian.hub.retention.bytes=20g");
    }

    /** Messages flow until the subscriber that returns has caught up. */
    private List<RateResult> catchUp(Fleet live, BenchProcess absent, long rate) throws IOException {
        List<RateResult> results = new ArrayList<>();
        absent.go();
        while (!absent.hasSpoken()) {
            results.add(live.phase(rate, options.duration().dividedBy(CATCH_UP_PARTS)));
        }
        return results;
    }

    /**
     * Lets messages flow for the duration, and reports the heaps after a collection at a fifth of it, and then at each fifth.
     * The flow rests meanwhile: what is under way would be most of what is seen.
     */
    public void heaps() throws IOException {
        withHub((ours, hub, data, ports) -> {
            List<Long> pids = new ArrayList<>(List.of(hub.pid()));
            pids.addAll(ours.pids());
            HeapReport report = new HeapReport(pids, progress);
            for (int part = 1; part <= HEAP_LOOKS; part++) {
                ours.phase(STEADY_RATE, options.duration().dividedBy(HEAP_LOOKS));
                settle();
                report.look(options.duration().multipliedBy(part).dividedBy(HEAP_LOOKS));
            }
            return true;
        });
    }

    private static void settle() throws IOException {
        try {
            TimeUnit.NANOSECONDS.sleep(SETTLE.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
