package io.bactrian.app.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/** The publishers and subscribers of one system, each a process, the same ones for all that is measured. */
final class Fleet implements AutoCloseable {
    private static final String HEAP = "-Xmx256m";

    private final String system;
    private final int size;
    private final DoubleSupplier hubCpuSeconds;
    private final Consumer<String> progress;
    private final List<BenchProcess> publishers = new ArrayList<>();
    private final List<BenchProcess> subscribers = new ArrayList<>();

    /**
     * A fleet without processes.
     *
     * @param system its name in tables
     * @param size octets of a body
     * @param hubCpuSeconds processor time that what is between them has used
     * @param progress told what goes on, a line at a time
     */
    Fleet(String system, int size, DoubleSupplier hubCpuSeconds, Consumer<String> progress) {
        this.system = system;
        this.size = size;
        this.hubCpuSeconds = hubCpuSeconds;
        this.progress = progress;
    }

    /** Publishers and subscribers of a hub. */
    static Fleet ofHub(RateBench.Options options, BenchProcess hub, Path data, int[] ports, Consumer<String> progress)
            throws IOException {
        Fleet fleet = new Fleet("bactrian", options.size(), hub::cpuSeconds, progress);
        for (int i = 0; i < options.subscribers(); i++) {
            fleet.subscribers.add(worker("subscribe", "subscriber-" + i, ports, data, options));
        }
        for (BenchProcess subscriber : fleet.subscribers) {
            subscriber.await("ready");
        }
        for (int i = 0; i < options.publishers(); i++) {
            fleet.publishers.add(worker("publish", "publisher-" + i, ports, data, options));
        }
        for (BenchProcess publisher : fleet.publishers) {
            publisher.await("ready");
        }
        return fleet;
    }

    /** One publisher and subscribers without a hub. */
    static Fleet raw(RateBench.Options options, Path data, Consumer<String> progress) throws IOException {
        Fleet fleet = new Fleet("raw", options.size(), () -> 0, progress);
        int port = BenchHub.freePort();
        int[] ports = {port, port};
        RateBench.Options one = options.withPublishers(1);
        for (int i = 0; i < options.subscribers(); i++) {
            fleet.subscribers.add(worker("raw-subscribe", "raw-subscriber-" + i, ports, data, one));
        }
        fleet.publishers.add(worker("raw-publish", "raw-publisher", ports, data, one));
        fleet.publishers.get(0).await("ready");
        return fleet;
    }

    /** Starts a process of {@link RateWorker}. */
    static BenchProcess worker(String role, String id, int[] ports, Path data, RateBench.Options options)
            throws IOException {
        return new BenchProcess(
                id,
                List.of(HEAP),
                RateWorker.class.getName(),
                role,
                id,
                String.valueOf(ports[0]),
                String.valueOf(ports[1]),
                data.resolve(id).toString(),
                String.valueOf(options.size()),
                String.valueOf(role.contains("publish") ? options.subscribers() : options.publishers()));
    }

    /** Adds processes that are ready. */
    void add(BenchProcess publisher, List<BenchProcess> more) {
        publishers.add(publisher);
        subscribers.addAll(more);
    }

    List<Long> pids() {
        List<Long> pids = new ArrayList<>();
        publishers.forEach(process -> pids.add(process.pid()));
        subscribers.forEach(process -> pids.add(process.pid()));
        return pids;
    }

    /** Measures at a rate of all publishers together, or {@link RateLoad#FASTEST} or {@link RateLoad#ONE_AT_A_TIME}. */
    RateResult phase(long rate, Duration time) throws IOException {
        progress.accept(system + ": " + described(rate));
        double hubBefore = hubCpuSeconds.getAsDouble();
        for (BenchProcess publisher : publishers) {
            publisher.say((rate > 0 ? rate / publishers.size() : rate) + " " + time.toMillis());
        }
        return RateResult.of(
                system, rate, size, figures(publishers), figures(subscribers), hubCpuSeconds.getAsDouble() - hubBefore);
    }

    private static String described(long rate) {
        if (rate == RateLoad.FASTEST) {
            return "as fast as it goes";
        }
        return rate == RateLoad.ONE_AT_A_TIME ? "one at a time" : String.format(Locale.ROOT, "%,d messages/s", rate);
    }

    private static List<Map<String, Double>> figures(List<BenchProcess> processes) throws IOException {
        List<Map<String, Double>> figures = new ArrayList<>();
        for (BenchProcess process : processes) {
            figures.add(process.figures());
        }
        return figures;
    }

    @Override
    public void close() throws IOException {
        for (BenchProcess process : publishers) {
            process.close();
        }
        for (BenchProcess process : subscribers) {
            process.close();
        }
    }
}
