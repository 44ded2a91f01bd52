package io.bactrian.app.bench;

import io.bactrian.app.CommandFailedException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Routers of the discovery and agents of serf, as many of each, one after the other on loopback with their defaults: how long
 * it takes until all others know that one was killed, octets and processor time in peace, and who is called dead although it
 * lives, while each in turn is stopped for a while and both cores are busy.
 */
public final class DiscoveryBench {
    private static final int PORTS_OF_ROUTER = 6;
    private static final int FIRST_PORT = 21_000;
    private static final int BUSY_THREADS = 2;
    private static final String ROW = "%-10s %7s %12s %12s %14s %12s %14s %13s%n";

    /**
     * The size of a run.
     *
     * @param members how many routers, and how many agents
     * @param kills how often one is killed
     * @param peaceS how long octets and processor time are counted
     * @param stopMs how long each is stopped
     */
    public record Options(int members, int kills, int peaceS, int stopMs) {
        /** @throws IllegalArgumentException if a number is out of its range */
        public Options {
            if (members < 2 || members > 50 || kills < 1 || peaceS < 1 || stopMs < 1) {
                throw new IllegalArgumentException("--members must be from 2 to 50, all other numbers at least 1");
            }
        }
    }

    private final Options options;
    private final Consumer<String> progress;

    private DiscoveryBench(Options options, Consumer<String> progress) {
        this.options = options;
        this.progress = progress;
    }

    /** Runs all of it and returns a table. */
    public static String run(Options options, Consumer<String> progress) throws IOException {
        if (!onPath("serf")) {
            throw new CommandFailedException("There is no serf to measure beside: apt-get install serf");
        }
        DiscoveryBench bench = new DiscoveryBench(options, progress);
        Path data = Files.createTempDirectory("bactrian-bench");
        StringBuilder table = new StringBuilder(String.format(
                ROW,
                "",
                "members",
                "known p50 ms",
                "known max ms",
                "octets/s each",
                "cpu % each",
                "down: stopped",
                "down: others"));
        table.append(bench.measure(bench.routers(data))).append(bench.measure(bench.serf()));
        return table.toString();
    }

    private static boolean onPath(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (new File(folder, program).canExecute()) {
                return true;
            }
        }
        return false;
    }

    private MemberCluster.Program routers(Path data) {
        List<String> java = List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.bactrian.app.Main",
                "run",
                "router");
        return new MemberCluster.Program(
                "bactrian",
                Pattern.compile("router=(?<who>member-\\d+) is (?<what>ALIVE|DOWN)"),
                "ALIVE",
                "DOWN",
                member -> {
                    int first = FIRST_PORT + member * PORTS_OF_ROUTER;
                    List<String> command = new ArrayList<>(java);
                    command.addAll(List.of(
                            "--data", data.resolve(MemberCluster.member(member)).toString()));
                    set(command, "camel.management.enabled", "false");
                    set(command, "bactrian.discovery.id", MemberCluster.member(member));
                    set(command, "bactrian.discovery.gossip", "127.0.0.1:" + first);
                    set(
                            command,
                            "bactrian.discovery.seeds",
                            "127.0.0.1:" + (member == 0 ? first + PORTS_OF_ROUTER : FIRST_PORT));
                    set(command, "bactrian.discovery.http.port", Integer.toString(first + 1));
                    set(command, "bactrian.discovery.register", "tcp://127.0.0.1:" + (first + 2));
                    set(command, "bactrian.discovery.publish", "tcp://127.0.0.1:" + (first + 3));
                    set(command, "bactrian.discovery.publications", "tcp://127.0.0.1:" + (first + 4));
                    set(command, "bactrian.discovery.publishers", "tcp://127.0.0.1:" + (first + 5));
                    return command;
                });
    }

    private static void set(List<String> command, String key, String value) {
        command.addAll(List.of("--set", key + "=" + value));
    }

    private MemberCluster.Program serf() {
        return new MemberCluster.Program(
                "serf",
                Pattern.compile("EventMember(?<what>Join|Failed): (?<who>member-\\d+) "),
                "Join",
                "Failed",
                member -> List.of(
                        "serf",
                        "agent",
                        "-node=" + MemberCluster.member(member),
                        "-bind=127.0.0.1:" + (FIRST_PORT + 2 * member),
                        "-rpc-addr=127.0.0.1:" + (FIRST_PORT + 2 * member + 1),
                        "-retry-join=127.0.0.1:" + (member == 0 ? FIRST_PORT + 2 : FIRST_PORT),
                        "-retry-interval=1s"));
    }

    private String measure(MemberCluster.Program program) throws IOException {
        int members = options.members();
        try (MemberCluster cluster = new MemberCluster(program, members)) {
            progress.accept(program.name() + ": " + members + " members start");
            cluster.startAll();
            pause(TimeUnit.SECONDS.toMillis(options.peaceS())); // what came with the start is told

            progress.accept(program.name() + ": peace");
            long octets = cluster.octets();
            double cpuS = cluster.cpuSeconds();
            long beganNs = System.nanoTime();
            pause(TimeUnit.SECONDS.toMillis(options.peaceS()));
            double seconds = (System.nanoTime() - beganNs) / 1e9;
            double cpuPercent = (cluster.cpuSeconds() - cpuS) * 100 / seconds / members;
            String octetsEach = octets < 0
                    ? "-"
                    : String.format(Locale.ROOT, "%.0f", (cluster.octets() - octets) / seconds / members);

            List<Double> known = new ArrayList<>();
            for (int i = 0; i < options.kills(); i++) {
                int victim = i % members;
                progress.accept(program.name() + ": kill " + (i + 1));
                long killedNs = cluster.kill(victim);
                known.add((cluster.awaitFailed(victim, killedNs) - killedNs) / 1e6);
                long startedNs = System.nanoTime();
                cluster.start(victim);
                cluster.awaitJoined(victim, startedNs);
                pause(TimeUnit.SECONDS.toMillis(1));
            }
            known.sort(Double::compare);

            progress.accept(program.name() + ": each is stopped for " + options.stopMs() + " ms in turn");
            long[] down = starve(cluster);
            return String.format(
                    Locale.ROOT,
                    ROW,
                    program.name(),
                    members,
                    Math.round(known.get(known.size() / 2)),
                    Math.round(known.get(known.size() - 1)),
                    octetsEach,
                    String.format(Locale.ROOT, "%.1f", cpuPercent),
                    down[0],
                    down[1]);
        }
    }

    /** How often a member that was stopped was called dead, and how often one that was not. */
    private long[] starve(MemberCluster cluster) throws IOException {
        AtomicBoolean busy = new AtomicBoolean(true);
        for (int i = 0; i < BUSY_THREADS; i++) {
            Thread thread = new Thread(() -> {
                while (busy.get()) {
                    Thread.onSpinWait();
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        long stopped = 0;
        long others = 0;
        try {
            for (int i = 0; i < options.members(); i++) {
                String name = MemberCluster.member(i);
                long sinceNs = System.nanoTime();
                cluster.signal(i, "STOP");
                pause(options.stopMs());
                cluster.signal(i, "CONT");
                pause(TimeUnit.SECONDS.toMillis(3));
                stopped += cluster.failures(sinceNs, name::equals);
                others += cluster.failures(sinceNs, one -> !one.equals(name));
            }
        } finally {
            busy.set(false);
        }
        return new long[] {stopped, others};
    }

    private static void pause(long ms) throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
