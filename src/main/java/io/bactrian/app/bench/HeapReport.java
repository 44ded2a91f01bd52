package io.bactrian.app.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at the heaps of running processes after a collection, with the JDK's {@code jcmd}. */
final class HeapReport {
    private static final int PARTS = 5;
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private HeapReport() {}

    /** Reports each fifth of the time, in octets, and at the end how much each heap has grown since the first. */
    static void watch(List<Long> pids, Duration duration, Consumer<String> progress) throws IOException {
        long[] first = new long[pids.size()];
        for (int part = 1; part <= PARTS; part++) {
            try {
                TimeUnit.NANOSECONDS.sleep(duration.toNanos() / PARTS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            for (int i = 0; i < pids.size(); i++) {
                long used = used(pids.get(i));
                first[i] = part == 1 ? used : first[i];
                progress.accept("at=" + duration.multipliedBy(part).dividedBy(PARTS) + " pid=" + pids.get(i) + " heap="
                        + used + " growth=" + Math.round(100.0 * (used - first[i]) / first[i]) + "%");
            }
        }
    }

    private static long used(long pid) throws IOException {
        jcmd(pid, "GC.run");
        Matcher matcher = USED.matcher(jcmd(pid, "GC.heap_info"));
        if (!matcher.find()) {
            throw new IOException("jcmd told nothing of the heap of process " + pid);
        }
        return Long.parseLong(matcher.group(1)) * 1024;
    }

    private static String jcmd(long pid, String command) throws IOException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(tool.toString(), String.valueOf(pid), command)
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
