package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.bactrian.testing.Folders;
import io.bactrian.testing.JavaCommand;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process is killed with SIGKILL before each step that it takes: each frame, and each time that a file is opened,
 * written, forced, renamed or deleted. What it leaves are whole files, old or new, and the next round goes on from there.
 */
@Tag("slow")
class KilledAtEveryStepTest {
    private static final int AT_ONCE = 2;
    private static final int SIGKILL = 137;

    @TempDir
    Path folder;

    private final Map<String, List<byte[]>> contents = new HashMap<>();
    private Path from;
    private Path start;

    @BeforeEach
    void prepare() throws IOException {
        assumeThat(File.separatorChar).isEqualTo('/');
        from = Files.createDirectories(folder.resolve("from/sub")).getParent();
        Files.createDirectories(from.resolve("old/deep"));
        write("changed", Shipped.random(1, 200_000));
        write("grows.log", Shipped.random(2, 50_000));
        write("gone", Shipped.random(3, 10));
        write("old/deep/gone", Shipped.random(4, 10));
        start = folder.resolve("start");
        try (Shipped shipped = new Shipped(from, start)) {
            shipped.settings = KilledNode.settings();
            shipped.ship();
        }
        byte[] changed = Shipped.random(1, 200_000);
        changed[70_000]++;
        write("changed", changed);
        byte[] grown = Arrays.copyOf(Shipped.random(2, 50_000), 60_000);
        Arrays.fill(grown, 50_000, 60_000, (byte) 7);
        write("grows.log", grown);
        write("sub/new", Shipped.random(5, 150_000));
        Files.delete(from.resolve("gone"));
        Files.delete(from.resolve("old/deep/gone"));
        Files.delete(from.resolve("old/deep"));
        Files.delete(from.resolve("old"));
    }

    private void write(String name, byte[] content) throws IOException {
        Files.write(from.resolve(name), content);
        contents.computeIfAbsent(name, key -> new ArrayList<>()).add(content);
    }

    @Test
    void whatIsLeftIsWholeAndTheNextRoundGoesOn() throws Exception {
        AtomicLong next = new AtomicLong(1);
        AtomicLong steps = new AtomicLong(Long.MAX_VALUE);
        Callable<Long> worker = () -> {
            long kills = 0;
            for (long step = next.getAndIncrement(); step <= steps.get(); step = next.getAndIncrement()) {
                Path into = folder.resolve("into" + step);
                Folders.copy(start, into);
                long whole = run(step, into);
                if (whole > 0) {
                    steps.set(whole);
                } else {
                    kills++;
                }
                assertGoesOn(into, whole > 0);
            }
            return kills;
        };
        ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE);
        long kills = 0;
        try {
            for (Future<Long> each : executor.invokeAll(List.of(worker, worker))) {
                kills += each.get();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(kills).isEqualTo(steps.get()).isGreaterThan(30);
    }

    /** Returns 0 if it was killed, or how many steps there were. */
    private long run(long step, Path into) throws IOException, InterruptedException {
        Process node = new ProcessBuilder(JavaCommand.of(
                        List.of("-Xmx64m"), KilledNode.class, from.toString(), into.toString(), String.valueOf(step)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
        if (node.exitValue() == SIGKILL) {
            return 0;
        }
        assertThat(node.exitValue()).isZero();
        return Long.parseLong(said.replace("steps ", ""));
    }

    private void assertGoesOn(Path into, boolean whole) throws IOException {
        try (var files = Files.walk(into)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = into.relativize(file).toString();
                if (!name.startsWith(Names.PRIVATE)) {
                    byte[] content = Files.readAllBytes(file);
                    assertThat(contents.get(name))
                            .as(name)
                            .anySatisfy(known -> assertThat(content).isEqualTo(prefix(name, known, content.length)));
                }
            }
        }
        try (Shipped shipped = new Shipped(from, into)) {
            shipped.settings = KilledNode.settings();
            ShipSummary summary = shipped.ship();
            assertThat(summary.problems()).isEmpty();
            assertThat(whole && summary.literalBytes() > 0).isFalse();
            shipped.assertEqual();
            try (var own = Files.list(into.resolve(Names.PRIVATE))) {
                assertThat(own.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("lock", "session");
            }
        }
    }

    /** Each beginning of a file that only grows is a state that it had. */
    private static byte[] prefix(String name, byte[] content, int length) {
        return name.endsWith(".log") ? Arrays.copyOf(content, Math.min(length, content.length)) : content;
    }
}
