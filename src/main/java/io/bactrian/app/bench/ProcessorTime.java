package io.bactrian.app.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Processor time that the processes of a benchmark use, and this one. One thread. */
final class ProcessorTime {
    /** The name of this process. */
    static final String HERE = "here";

    private final PairNodes nodes;
    private Map<String, Double> began = Map.of();

    ProcessorTime(PairNodes nodes) {
        this.nodes = nodes;
    }

    /** From now on it counts. */
    void begin() {
        began = now();
    }

    /** Seconds since {@link #begin} by the name of the process. */
    Map<String, Double> seconds() {
        Map<String, Double> used = now();
        used.replaceAll((name, seconds) -> seconds - began.getOrDefault(name, 0.0));
        return used;
    }

    private Map<String, Double> now() {
        Map<String, Double> all = new HashMap<>(nodes.cpuSeconds());
        all.put(
                HERE,
                ProcessHandle.current()
                                .info()
                                .totalCpuDuration()
                                .map(Duration::toNanos)
                                .orElse(0L)
                        / 1e9);
        return all;
    }
}
