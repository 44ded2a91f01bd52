package io.bactrian.app.bench;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Shipping beside the real rsync: the same files, both over loopback, both with sync, in turns. */
public final class ShipBench {
    private static final int MIB = 1 << 20;
    private static final int BLOCK = 4096;
    private static final int WARM_UPS = 4;
    private static final long SETTLE_BYTES = 256 * MIB;
    private static final long SETTLE_MS = 3_000;
    private static final long CALM_NS_MAX = TimeUnit.SECONDS.toNanos(60);
    private static final Path GONE_BACK = Path.of("/sys/module/page_reporting/parameters/reported_kib");
    private static final Instant OLD = Instant.parse("2020-01-01T00:00:00Z");
    private static final Pattern TOTALS = Pattern.compile("Total bytes (?:sent|received): ([0-9,.]+)");
    private static final String PRIVATE = ".bactrian-ship";

    /** The changes between the two folders. */
    public enum Case {
        /** 100 MiB with 1 % of its 4-KiB blocks changed. */
        CHANGED,
        /** 100 MiB with 1 MiB appended. */
        APPENDED,
        /** 10,000 small files of which 100 changed. */
        SMALL,
        /** 1 GiB that is new. */
        NEW
    }

    /**
     * The measured values of one case; times are medians.
     *
     * @param rsyncBytes octets on the wire, the better of rsync's default and 4-KiB blocks
     * @param rsyncMs with the faster of the two
     * @param bytes by a sender that has shipped nothing before
     * @param knowingBytes by a sender that has shipped the folder before, and knows what the receiver has
     */
    public record Result(
            Case name, long rsyncBytes, double rsyncMs, long bytes, double ms, long knowingBytes, double knowingMs) {
        private String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"case\":\"%s\",\"rsyncBytes\":%d,\"rsyncMs\":%.1f,\"bytes\":%d,\"ms\":%.1f,"
                            + "\"knowingBytes\":%d,\"knowingMs\":%.1f,\"timeRatio\":%.2f}",
                    name.name().toLowerCase(Locale.ROOT),
                    rsyncBytes,
                    rsyncMs,
                    bytes,
                    ms,
                    knowingBytes,
                    knowingMs,
                    ms / rsyncMs);
        }

        /** A JSON array with one object for each case. */
        public static String json(List<Result> results) {
            return results.stream().map(Result::json).collect(Collectors.joining(",\n ", "[", "]"));
        }

        /** A table for people. */
        public static String table(List<Result> results) {
            StringBuilder table = new StringBuilder(String.format(
                    "%-9s %14s %10s %14s %10s %7s %14s %10s%n",
                    "case", "rsync bytes", "rsync ms", "bytes", "ms", "ratio", "knowing bytes", "knowing ms"));
            for (Result r : results) {
                table.append(String.format(
                        Locale.ROOT,
                        "%-9s %,14d %10.0f %,14d %10.0f %7.2f %,14d %10.0f%n",
                        r.name.name().toLowerCase(Locale.ROOT),
                        r.rsyncBytes,
                        r.rsyncMs,
                        r.bytes,
                        r.ms,
                        r.ms / r.rsyncMs,
                        r.knowingBytes,
                        r.knowingMs));
            }
            return table.toString().stripTrailing();
        }
    }

    private final Path work;
    private final int runs;
    private final Consumer<String> log;

    private ShipBench(Path work, int runs, Consumer<String> log) {
        this.work = work;
        this.runs = runs;
        this.log = log;
    }

    /** Measures some cases in a folder, or a temporary one, which is emptied afterwards. */
    public static List<Result> run(List<Case> cases, int runs, @Nullable Path folder, Consumer<String> log)
            throws IOException, InterruptedException {
        Path work = folder == null
                ? Files.createTempDirectory("bactrian-bench-ship")
                : Files.createTempDirectory(Files.createDirectories(folder), "ship");
        try {
            List<Result> results = new ArrayList<>();
            for (Case each : cases) {
                results.add(new ShipBench(Files.createDirectories(work.resolve(each.name())), runs, log).measure(each));
                empty(work.resolve(each.name()), "");
            }
            return results;
        } finally {
            empty(work, "");
            Files.delete(work);
        }
    }

    /** One way to bring a copy up to date. It has servers or processes of its own, and a copy of its own. */
    private interface ShipSide extends AutoCloseable {
        String name();

        /** Begins with the folder as it was before, measures until the copy is as after, and checks that it is. */
        Once once() throws IOException, InterruptedException;

        @Override
        void close() throws IOException;
    }

    private record Once(long bytes, double ms) {}

    private record ShipFigures(long bytes, double ms) {
        static ShipFigures of(List<Once> runs) {
            List<Double> sorted = runs.stream().map(Once::ms).sorted().toList();
            return new ShipFigures(runs.get(runs.size() - 1).bytes, sorted.get(sorted.size() / 2));
        }
    }

    private Result measure(Case what) throws IOException, InterruptedException {
        log.accept("preparing " + what);
        Path before = Files.createDirectories(work.resolve("before"));
        Path after = Files.createDirectories(work.resolve("after"));
        new Folders(what).make(before, after);
        List<ShipSide> sides = new ArrayList<>();
        try {
            sides.add(new Rsync("rsync", after, before, List.of()));
            sides.add(new Ours("ours", after, before, false));
            // What is new has no blocks yet, and there is nothing to know of it.
            if (what != Case.NEW) {
                sides.add(new Rsync("rsync-4k", after, before, List.of("--block-size=" + BLOCK)));
                sides.add(new Ours("knowing", after, before, true));
            }
            List<List<Once>> measured = inTurns(sides);
            for (int side = 0; side < sides.size(); side++) {
                log.accept(what + " " + sides.get(side).name() + ": " + times(measured.get(side)));
            }
            List<ShipFigures> figures = measured.stream().map(ShipFigures::of).toList();
            ShipFigures theirs = figures.get(0);
            ShipFigures theirs4k = what == Case.NEW ? theirs : figures.get(2);
            ShipFigures ours = figures.get(1);
            ShipFigures known = what == Case.NEW ? ours : figures.get(3);
            return new Result(
                    what,
                    Math.min(theirs.bytes, theirs4k.bytes),
                    Math.min(theirs.ms, theirs4k.ms),
                    ours.bytes,
                    ours.ms,
                    known.bytes,
                    known.ms);
        } finally {
            for (ShipSide side : sides) {
                side.close();
            }
        }
    }

    /** So that what the machine does to one it does to the others. */
    private List<List<Once>> inTurns(List<ShipSide> sides) throws IOException, InterruptedException {
        List<List<Once>> measured = new ArrayList<>();
        sides.forEach(side -> measured.add(new ArrayList<>()));
        for (int run = -WARM_UPS; run < runs; run++) {
            for (int turn = 0; turn < sides.size(); turn++) {
                // Another one begins each time: a disk may be slower to whoever comes after another.
                int side = Math.floorMod(run + turn, sides.size());
                Once once = sides.get(side).once();
                if (run >= 0) {
                    measured.get(side).add(once);
                }
            }
        }
        return measured;
    }

    private static String times(List<Once> runs) {
        return runs.stream()
                .map(once -> String.format(Locale.ROOT, "%.0f", once.ms))
                .collect(Collectors.joining(", ", "", " ms"));
    }

    /**
     * Waits until the machine has come to rest from the last run. The memory that large files leave goes back to the
     * host of a virtual machine, some seconds later, and has to be had again from it: both take up to a second a GiB
     * from whoever runs then. So that is over before a run, and as much memory as it will need has just been in use.
     */
    private void settle(Path folder) throws IOException, InterruptedException {
        long bytes = 0;
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        if (bytes < SETTLE_BYTES) {
            return;
        }
        awaitNothingGoesBack();
        Path touched = work.resolve("touched");
        try (FileChannel out = FileChannel.open(touched, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer octets = ByteBuffer.allocateDirect(MIB);
            for (long written = 0; written < bytes + bytes / 2; written += MIB) {
                out.write(octets.clear());
            }
        }
        Files.delete(touched);
    }

    /** It goes back every two seconds, some of it each time, as long as there is any. Few kernels count it. */
    private static void awaitNothingGoesBack() throws IOException, InterruptedException {
        long limitNs = System.nanoTime() + CALM_NS_MAX;
        String before;
        do {
            before = goneBack();
            TimeUnit.MILLISECONDS.sleep(SETTLE_MS);
        } while (!goneBack().equals(before) && System.nanoTime() - limitNs < 0);
    }

    private static String goneBack() throws IOException {
        return Files.isReadable(GONE_BACK) ? Files.readString(GONE_BACK) : "";
    }

    /** The real rsync, to a server of its own. */
    private final class Rsync implements ShipSide {
        private final String name;
        private final Path after;
        private final Path before;
        private final Path copy;
        private final List<String> command;
        private final Process daemon;

        Rsync(String name, Path after, Path before, List<String> options) throws IOException, InterruptedException {
            this.name = name;
            this.after = after;
            this.before = before;
            this.copy = Files.createDirectories(work.resolve(name));
            int port = freePort();
            Path config = work.resolve(name + ".conf");
            Files.writeString(config, """
                    port=%d
                    address=127.0.0.1
                    use chroot=no
                    %s
                    [copy]
                    path=%s
                    read only=no
                    """.formatted(port, asRoot(), copy));
            command = new ArrayList<>(List.of("rsync", "-a", "--fsync", "--stats", "--no-whole-file"));
            command.addAll(options);
            command.add(after + "/");
            command.add("rsync://127.0.0.1:" + port + "/copy/");
            daemon = new ProcessBuilder("rsync", "--daemon", "--no-detach", "--config=" + config)
                    .redirectErrorStream(true)
                    .redirectOutput(work.resolve(name + ".log").toFile())
                    .start();
            awaitPort(port);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Once once() throws IOException, InterruptedException {
            reset(before, copy);
            settle(after);
            long startedNs = System.nanoTime();
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("rsync failed: " + said);
            }
            double ms = (System.nanoTime() - startedNs) / 1e6;
            check(after, copy);
            return new Once(totals(said), ms);
        }

        @Override
        public void close() {
            daemon.destroy();
        }
    }

    /** A server that root starts would write as nobody, who may not write here. */
    private static String asRoot() {
        return System.getProperty("user.name").equals("root") ? "uid=root\ngid=root" : "";
    }

    private static long totals(String said) {
        long total = 0;
        Matcher matcher = TOTALS.matcher(said);
        while (matcher.find()) {
            total += Long.parseLong(matcher.group(1).replaceAll("[,.]", ""));
        }
        return total;
    }

    /** Shipping between two running nodes. */
    private final class Ours implements ShipSide {
        private final String name;
        private final Path after;
        private final Path before;
        private final Path copy;
        private final @Nullable Path source;
        private final BenchProcess receiver;
        private final BenchProcess sender;

        /** @param knowing whether the sender has shipped the folder as it was before, in the same life */
        Ours(String name, Path after, Path before, boolean knowing) throws IOException {
            this.name = name;
            this.after = after;
            this.before = before;
            this.copy = Files.createDirectories(work.resolve(name));
            this.source = knowing ? Files.createDirectories(work.resolve(name + "-source")) : null;
            int port = freePort();
            receiver = receiver(port, copy);
            sender = sender(port, source == null ? after : source, !knowing);
            log.accept(name + ": receiver pid " + receiver.pid() + ", sender pid " + sender.pid());
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Once once() throws IOException, InterruptedException {
            if (source == null) {
                reset(before, copy);
            } else {
                reset(before, source);
                ship();
                reset(after, source);
            }
            settle(after);
            Once once = ship();
            check(after, copy);
            return once;
        }

        private Once ship() throws IOException, InterruptedException {
            sender.go();
            Map<String, Double> figures = sender.figures();
            return new Once(figures.getOrDefault("bytes", 0.0).longValue(), figures.getOrDefault("us", 0.0) / 1e3);
        }

        @Override
        public void close() throws IOException {
            try (receiver) {
                sender.close();
            }
        }
    }

    private static BenchProcess receiver(int port, Path copy) throws IOException {
        BenchProcess receiver = new BenchProcess(
                "receiver",
                List.of("-Xmx512m"),
                ShipWorker.class.getName(),
                "receive-folder",
                "false",
                "bactrian.ship.receive=tcp://127.0.0.1:" + port,
                "bactrian.ship.into=" + copy);
        receiver.await("ready");
        return receiver;
    }

    private static BenchProcess sender(int port, Path folder, boolean forget) throws IOException {
        BenchProcess sender = new BenchProcess(
                "sender",
                List.of("-Xmx512m"),
                ShipWorker.class.getName(),
                "ship-folder",
                String.valueOf(forget),
                "bactrian.ship.to=tcp://127.0.0.1:" + port,
                "bactrian.ship.folder=" + folder);
        sender.await("ready");
        return sender;
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private static void awaitPort(int port) throws IOException, InterruptedException {
        for (int i = 0; i < 100; i++) {
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (probe.isConnected()) {
                    return;
                }
            } catch (ConnectException e) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new IOException("rsync's server does not listen on port " + port);
    }

    /** Makes a folder equal to another, times included, and waits until it is on the disk. */
    private static void reset(Path from, Path to) throws IOException, InterruptedException {
        empty(to, PRIVATE);
        copy(from, to);
        new ProcessBuilder("sync", "-f", to.toString()).start().waitFor();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(file.getFileName()),
                        StandardCopyOption.COPY_ATTRIBUTES,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void check(Path from, Path to) throws IOException {
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                if (Files.mismatch(file, to.resolve(file.getFileName())) >= 0) {
                    throw new IOException("the copy differs in " + file.getFileName());
                }
            }
        }
    }

    private static void empty(Path folder, String except) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                boolean kept = dir.getFileName().toString().equals(except);
                return kept ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                if (!dir.equals(folder)) {
                    Files.delete(dir);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Makes the files of a case: random, so that nothing can be compressed. */
    private record Folders(Case what) {
        private static final int SMALL_FILES = 10_000;
        private static final int SMALL_CHANGED = 100;

        void make(Path before, Path after) throws IOException {
            Random random = new Random(1);
            switch (what) {
                case CHANGED -> {
                    large(before.resolve("file"), 100, random, OLD);
                    Files.copy(before.resolve("file"), after.resolve("file"));
                    change(after.resolve("file"), random);
                }
                case APPENDED -> {
                    large(before.resolve("file"), 100, random, OLD);
                    Files.copy(before.resolve("file"), after.resolve("file"));
                    byte[] more = new byte[MIB];
                    random.nextBytes(more);
                    Files.write(after.resolve("file"), more, StandardOpenOption.APPEND);
                    date(after.resolve("file"), OLD.plusSeconds(60));
                }
                case SMALL -> small(before, after, random);
                case NEW -> large(after.resolve("file"), 1024, random, OLD);
            }
        }

        private static void large(Path file, int mib, Random random, Instant modified) throws IOException {
            try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                byte[] octets = new byte[MIB];
                for (int i = 0; i < mib; i++) {
                    random.nextBytes(octets);
                    out.write(ByteBuffer.wrap(octets));
                }
            }
            date(file, modified);
        }

        private static void change(Path file, Random random) throws IOException {
            try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
                long blocks = out.size() / BLOCK;
                byte[] octets = new byte[BLOCK];
                for (int block : random.ints(0, (int) blocks)
                        .distinct()
                        .limit(blocks / 100)
                        .toArray()) {
                    random.nextBytes(octets);
                    out.write(ByteBuffer.wrap(octets), (long) block * BLOCK);
                }
            }
            date(file, OLD.plusSeconds(60));
        }

        private static void small(Path before, Path after, Random random) throws IOException {
            for (int i = 0; i < SMALL_FILES; i++) {
                byte[] octets = new byte[500 + random.nextInt(8_000)];
                random.nextBytes(octets);
                String name = String.format("reading-%05d.bin", i);
                Instant modified = OLD.plusMillis(i * 7919L);
                Files.write(before.resolve(name), octets);
                date(before.resolve(name), modified);
                boolean changed = i % (SMALL_FILES / SMALL_CHANGED) == 0;
                if (changed) {
                    byte[] piece = new byte[100];
                    random.nextBytes(piece);
                    System.arraycopy(piece, 0, octets, octets.length / 2, piece.length);
                }
                Files.write(after.resolve(name), octets);
                date(after.resolve(name), changed ? modified.plusSeconds(86_400) : modified);
            }
        }

        private static void date(Path file, Instant modified) throws IOException {
            Files.setLastModifiedTime(file, FileTime.from(modified));
        }
    }
}
