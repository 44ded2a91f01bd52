package io.bactrian.app.demo;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;

/** Reads how this host is: each reading is {@code time,value} as text, the time in UTC. */
public final class HostReadings {
    private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** The processes that run or wait, as a mean over a minute; the share of busy processors where there is no such mean. */
    public String load() {
        double mean = system.getSystemLoadAverage();
        return reading(mean >= 0 ? mean : system.getCpuLoad() * system.getAvailableProcessors());
    }

    /** The memory in use, in percent. */
    public String memory() {
        return reading(100.0 - 100.0 * system.getFreeMemorySize() / system.getTotalMemorySize());
    }

    /** The space in use of the disk that holds the working folder, in percent. */
    public String disk() throws IOException {
        FileStore store = Files.getFileStore(Path.of("").toAbsolutePath());
        return reading(100.0 - 100.0 * store.getUsableSpace() / store.getTotalSpace());
    }

    private static String reading(double value) {
        return Instant.now() + "," + String.format(Locale.ROOT, "%.3f", value);
    }
}
