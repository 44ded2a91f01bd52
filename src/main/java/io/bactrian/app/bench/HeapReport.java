package io.bactrian.app.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at the heaps of running processes after a collection, with the JDK's {@code jcmd}. */
final class HeapReport {
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private final List<Long> pids;
    private final Consumer<String> progress;
    private final Map<Long, Long> first = new HashMap<>();

    HeapReport(List<Long> pids, Consumer<String> progress) {
        this.pids = pids;
        this.progress = progress;
    }

    /** Reports each heap in octets, and how much it has grown since the first look. */
    void look(Duration at) throws IOException {
        for (long pid : pids) {
            long used = used(pid);
            long before = first.computeIfAbsent(pid, key -> used);
            progress.accept("at=" + at + " pid=" + pid + " heap=" + used + " growth="
                    + Math.round(100.0 * (used - before) / before) + "%");
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
