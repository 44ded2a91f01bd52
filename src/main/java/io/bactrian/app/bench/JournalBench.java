package io.bactrian.app.bench;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.NewEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code bench journal}: synced appends of groups to a journal, against a bare FileChannel that writes and syncs the same
 * groups to a file of its own in the same folder.
 *
 * <p>The two take turns, in rounds of some groups each, so that a disk that becomes slower does so for both; the ratio is
 * the median of the rounds' ratios.
 */
@Command(
        name = "journal",
        mixinStandardHelpOptions = true,
        description = "Synced appends to a journal against a bare FileChannel that writes and syncs the same groups.")
public final class JournalBench implements Callable<Integer> {
    private static final int GROUPS_PER_ROUND = 20;
    private static final int ROUNDS_MIN = 8;

    /** One case: groups of {@code records} records of {@code size} bytes, each group one entry. */
    private record Case(int records, int size) {
        int bytes() {
            return records * size;
        }
    }

    /** How long the same groups took, one after the other. */
    private record Round(long journalNanos, long rawNanos) {}

    private static final List<Case> CASES = List.of(new Case(1, 64), new Case(256, 64), new Case(63, 1024));

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--seconds", defaultValue = "5", description = "Seconds for each case (default: ${DEFAULT-VALUE}).")
    private double seconds = 5;

    @Option(names = "--folder", description = "Where to write (default: a temporary folder).")
    private @Nullable Path folder;

    @Override
    public Integer call() throws IOException {
        Path root = folder == null ? Files.createTempDirectory("bactrian-bench") : Files.createDirectories(folder);
        PrintWriter out = spec.commandLine().getOut();
        JsonArray results = new JsonArray();
        for (Case one : CASES) {
            Map<String, Number> result = run(one, root);
            results.add(new JsonObject(result));
            if (!json) {
                out.printf(
                        "%3d records of %4d bytes in a group: journal %,9.0f groups/s, bare FileChannel %,9.0f, ratio %.2f%n",
                        one.records(),
                        one.size(),
                        value(result, "groupsPerSecond"),
                        value(result, "rawGroupsPerSecond"),
                        value(result, "ratio"));
            }
        }
        if (json) {
            out.println(new JsonObject(Map.of("bench", "journal", "cases", results)).toJson());
        }
        out.flush();
        return 0;
    }

    private Map<String, Number> run(Case one, Path root) throws IOException {
        Path place = Files.createTempDirectory(root, "case");
        byte[] payload = new byte[one.bytes()];
        new Random(1).nextBytes(payload);
        List<Round> rounds = new ArrayList<>();
        List<Long> latencies = new ArrayList<>();
        try (Journal journal = Journal.open(place.resolve("journal"), JournalSettings.defaults());
                FileChannel raw = FileChannel.open(
                        place.resolve("raw"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes =
                    ByteBuffer.allocateDirect(payload.length).put(payload).flip();
            List<NewEntry> group = List.of(new NewEntry(one.records(), payload));
            long deadline = System.nanoTime() + (long) (seconds * 1e9);
            while (rounds.size() < ROUNDS_MIN || System.nanoTime() < deadline) {
                long start = System.nanoTime();
                for (int i = 0; i < GROUPS_PER_ROUND; i++) {
                    long before = System.nanoTime();
                    journal.append(group);
                    latencies.add(System.nanoTime() - before);
                }
                long middle = System.nanoTime();
                for (int i = 0; i < GROUPS_PER_ROUND; i++) {
                    bytes.rewind();
                    while (bytes.hasRemaining()) {
                        raw.write(bytes);
                    }
                    raw.force(false);
                }
                rounds.add(new Round(middle - start, System.nanoTime() - middle));
            }
        } finally {
            delete(place);
        }
        // The first quarter warms up.
        return result(one, rounds.subList(rounds.size() / 4, rounds.size()), latencies);
    }

    private static Map<String, Number> result(Case one, List<Round> rounds, List<Long> latencies) {
        double journalNanos = median(rounds, Round::journalNanos);
        double rawNanos = median(rounds, Round::rawNanos);
        double perSecond = GROUPS_PER_ROUND * 1e9 / journalNanos;
        double rawPerSecond = GROUPS_PER_ROUND * 1e9 / rawNanos;
        List<Long> sorted = latencies.stream().sorted().toList();
        Map<String, Number> result = new LinkedHashMap<>();
        result.put("records", one.records());
        result.put("size", one.size());
        result.put("groupsPerSecond", perSecond);
        result.put("rawGroupsPerSecond", rawPerSecond);
        result.put("messagesPerSecond", perSecond * one.records());
        result.put("rawMessagesPerSecond", rawPerSecond * one.records());
        result.put("ratio", median(rounds, round -> (double) round.rawNanos() / round.journalNanos()));
        result.put("p50Micros", sorted.get(sorted.size() / 2) / 1000.0);
        result.put("p99Micros", sorted.get(sorted.size() * 99 / 100) / 1000.0);
        return result;
    }

    private static double value(Map<String, Number> result, String key) {
        return Optional.ofNullable(result.get(key)).orElseThrow().doubleValue();
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> value) {
        double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static void delete(Path place) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(place)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
