package io.bactrian.app.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that watch each other, and what each says of the others in its log. If it may, it puts them into a network
 * namespace of their own, whose loopback counts their octets and nobody else's. One thread.
 */
final class MemberCluster implements AutoCloseable {
    /**
     * A program whose processes form a cluster.
     *
     * @param name what the table calls it
     * @param said finds in a line of its log what it says of another: group 1 the other, group 2 a word
     * @param joined the word of one that is there
     * @param failed the word of one that has failed
     */
    record Program(String name, Pattern said, String joined, String failed, ProgramCommand command) {}

    /** Makes the command line of the member with a number. */
    interface ProgramCommand {
        List<String> of(int member);
    }

    /** What a member said of another, at {@link System#nanoTime}. */
    private record Saying(String observer, String subject, String word, long atNs) {}

    private static final Logger LOG = LoggerFactory.getLogger(MemberCluster.class);

    private final Program program;
    private final int size;
    private final String namespace;
    private final Map<Integer, Process> processes = new TreeMap<>();
    private final List<Saying> sayings = new CopyOnWriteArrayList<>();
    private final Thread atExit = new Thread(this::endInterrupted, "bench-exit");
    private double cpuOfDeadS;
    private boolean deleted;

    MemberCluster(Program program, int size) throws IOException {
        this.program = program;
        this.size = size;
        String wanted = "bactrian-bench-" + ProcessHandle.current().pid();
        namespace = ip("netns", "add", wanted) && ip("-n", wanted, "link", "set", "lo", "up") ? wanted : "";
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** The name of a member. */
    static String member(int number) {
        return "member-" + number;
    }

    private static boolean ip(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.onExit().join().exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    /** Starts all and waits until each knows all others. */
    void startAll() throws IOException {
        for (int i = 0; i < size; i++) {
            start(i);
        }
        for (int i = 0; i < size; i++) {
            awaitAll(i, program.joined(), 0);
        }
    }

    void start(int member) throws IOException {
        List<String> command = new ArrayList<>();
        if (!namespace.isEmpty()) {
            command.addAll(List.of("ip", "netns", "exec", namespace));
        }
        command.addAll(program.command().of(member));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.put(member, process);
        Thread reader = new Thread(() -> read(member(member), process), "read-" + member(member));
        reader.setDaemon(true);
        reader.start();
    }

    private void read(String observer, Process process) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Matcher said = program.said().matcher(line);
                if (said.find()) {
                    sayings.add(new Saying(observer, said.group("who"), said.group("what"), System.nanoTime()));
                }
            }
        } catch (IOException e) {
            if (process.isAlive()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Ends a member as kill -9 does; returns when that was. */
    long kill(int member) {
        Process process = processes.remove(member);
        long atNs = System.nanoTime();
        if (process != null) {
            cpuOfDeadS += cpuSeconds(process);
            process.destroyForcibly().onExit().join();
        }
        return atNs;
    }

    /** Stops a member in the middle of whatever it does, or lets it go on. */
    void signal(int member, String signal) throws IOException {
        Process process = processes.get(member);
        if (process != null) {
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .onExit()
                    .join();
        }
    }

    /** Waits until all others that run have said of a member that it has failed; returns when the last one said it. */
    long awaitFailed(int member, long sinceNs) throws IOException {
        return awaitAll(member, program.failed(), sinceNs);
    }

    /** Waits until all others know a member again. */
    void awaitJoined(int member, long sinceNs) throws IOException {
        awaitAll(member, program.joined(), sinceNs);
    }

    private long awaitAll(int subject, String word, long sinceNs) throws IOException {
        long[] last = new long[1];
        PairNodes.await(member(subject) + " to be " + word + " for all of " + program.name(), () -> {
            last[0] = 0;
            for (int observer : processes.keySet()) {
                if (observer == subject) {
                    continue;
                }
                long atNs = first(member(observer), member(subject), word, sinceNs);
                if (atNs < 0) {
                    return false;
                }
                last[0] = Math.max(last[0], atNs);
            }
            return true;
        });
        return last[0];
    }

    private long first(String observer, String subject, String word, long sinceNs) {
        return sayings.stream()
                .filter(one -> one.observer().equals(observer) && one.subject().equals(subject))
                .filter(one -> one.word().equals(word) && (sinceNs == 0 || one.atNs() - sinceNs > 0))
                .mapToLong(Saying::atNs)
                .findFirst()
                .orElse(-1);
    }

    /** How often since then it was said that a member has failed. */
    long failures(long sinceNs, Predicate<String> ofWhom) {
        return sayings.stream()
                .filter(one -> one.word().equals(program.failed()) && one.atNs() - sinceNs > 0)
                .filter(one -> ofWhom.test(one.subject()))
                .count();
    }

    /** Octets that went over their loopback so far; -1 if nobody counts them. */
    long octets() throws IOException {
        if (namespace.isEmpty() || processes.isEmpty()) {
            return -1;
        }
        long pid = processes.values().iterator().next().pid();
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/net/dev"))) {
            String[] words = line.strip().split("[: ]+", -1);
            if (words[0].equals("lo")) {
                return Long.parseLong(words[1]);
            }
        }
        return -1;
    }

    /** Processor time of all so far. */
    double cpuSeconds() {
        return cpuOfDeadS
                + processes.values().stream()
                        .mapToDouble(MemberCluster::cpuSeconds)
                        .sum();
    }

    private static double cpuSeconds(Process process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L) / 1e9;
    }

    private void killAll() {
        processes.values().forEach(Process::destroyForcibly);
    }

    /** What an interrupted run leaves behind is taken away: its processes, and its network namespace. */
    private void endInterrupted() {
        killAll();
        try {
            deleteNamespace();
        } catch (IOException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    private synchronized void deleteNamespace() throws IOException {
        if (deleted) {
            return;
        }
        deleted = true;
        if (!namespace.isEmpty() && !ip("netns", "del", namespace)) {
            throw new IOException("the network namespace " + namespace + " is left: ip netns del " + namespace);
        }
    }

    @Override
    public void close() throws IOException {
        killAll();
        processes.values().forEach(process -> process.onExit().join());
        deleteNamespace();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException ending) {
            // The hook does the same again.
            killAll();
        }
    }
}
