package io.bactrian.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The time from put to get at given rates, through a hub that syncs what it accepts. Messages are put when they are due,
 * whatever has become of the former ones, and their time counts from then. Publisher, hub and subscribers are processes of
 * their own, the same ones for all rates, after some seconds to warm up.
 */
public final class RateBench {
    private static final List<Integer> PERCENTS = List.of(10, 20, 30, 40, 50, 60, 70, 80, 100, 110);
    private static final Duration WARM_UP_MAX = Duration.ofSeconds(8);
    private static final String HEAP = "-Xmx256m";

    private final int size;
    private final int subscribers;
    private final Duration duration;
    private final Duration warmUp;
    private final Consumer<String> progress;

    /**
     * A benchmark that has not run.
     *
     * @param size octets of a body, at least 8
     * @param subscribers processes that each get every message
     * @param duration for how long messages are put at each rate
     * @param progress told what goes on, a line at a time
     */
    public RateBench(int size, int subscribers, Duration duration, Consumer<String> progress) {
        this.size = size;
        this.subscribers = subscribers;
        this.duration = duration;
        this.warmUp = duration.compareTo(WARM_UP_MAX) < 0 ? duration : WARM_UP_MAX;
        this.progress = progress;
    }

    /** Measures at one rate, in messages a second. */
    public List<RateResult> at(long rate) throws IOException {
        return run(processes -> {
            processes.phase(rate, warmUp);
            return List.of(processes.phase(rate, duration));
        });
    }

    /** Measures at ten rates, from 10 % to 110 % of the highest, which is measured before. */
    public List<RateResult> curve() throws IOException {
        return run(processes -> {
            processes.phase(0, warmUp);
            long highest = (long) processes.phase(0, duration).delivered();
            progress.accept("highest rate " + highest + "/s");
            List<RateResult> results = new ArrayList<>();
            for (int percent : PERCENTS) {
                RateResult result = processes.phase(highest * percent / 100, duration);
                progress.accept(result.line());
                results.add(result);
            }
            return results;
        });
    }

    private interface Phases {
        List<RateResult> run(Processes processes) throws IOException;
    }

    private List<RateResult> run(Phases phases) throws IOException {
        Path data = Files.createTempDirectory("bactrian-bench");
        int publishPort = BenchHub.freePort();
        int subscribePort = BenchHub.freePort();
        try (BenchProcess hub = BenchHub.start(data, publishPort, subscribePort, null);
                Processes processes = new Processes(hub)) {
            for (int i = 0; i < subscribers; i++) {
                processes.start("subscribe", "subscriber-" + i, publishPort, subscribePort, data);
            }
            processes.start("publish", "publisher", publishPort, subscribePort, data);
            return phases.run(processes);
        } finally {
            PubsubBench.delete(data);
        }
    }

    /** The processes of a run; the last one that was started is the publisher. */
    private final class Processes implements AutoCloseable {
        private final BenchProcess hub;
        private final List<BenchProcess> all = new ArrayList<>();

        Processes(BenchProcess hub) {
            this.hub = hub;
        }

        void start(String role, String id, int publishPort, int subscribePort, Path data) throws IOException {
            BenchProcess process = new BenchProcess(
                    id,
                    List.of(HEAP),
                    RateWorker.class.getName(),
                    role,
                    id,
                    String.valueOf(publishPort),
                    String.valueOf(subscribePort),
                    data.resolve(id).toString(),
                    String.valueOf(size));
            all.add(process);
            process.await("ready");
        }

        RateResult phase(long rate, Duration time) throws IOException {
            progress.accept(rate == 0 ? "as fast as it goes" : String.format(Locale.ROOT, "%,d messages/s", rate));
            double hubBefore = hub.cpuSeconds();
            BenchProcess publisher = all.get(all.size() - 1);
            publisher.say(rate + " " + time.toMillis());
            Map<String, Double> published = publisher.figures();
            List<Map<String, Double>> got = new ArrayList<>();
            for (BenchProcess subscriber : all.subList(0, all.size() - 1)) {
                got.add(subscriber.figures());
            }
            return RateResult.of(rate, size, published, got, hub.cpuSeconds() - hubBefore);
        }

        @Override
        public void close() throws IOException {
            for (BenchProcess process : all) {
                process.close();
            }
        }
    }
}
