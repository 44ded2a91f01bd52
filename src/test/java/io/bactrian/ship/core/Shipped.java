package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A sender and a receiver without sockets: frames go from one to the other, or are lost. */
final class Shipped implements AutoCloseable {
    final Path from;
    final Path into;
    final List<String> received = new ArrayList<>();
    final List<ShipErrorCode> refused = new ArrayList<>();
    final List<String> reasons = new ArrayList<>();
    SenderMemory memory = new SenderMemory(64 << 20);
    ShipSettings settings = ShipSettings.usual();
    ReceiverSettings receiving = ReceiverSettings.usual();
    Disk disk = Disk.REAL;
    Disk sendersDisk = Disk.REAL;
    EarlyForce earlyForce = EarlyForce.NONE;
    ShipReceiver receiver;
    Instant now = Instant.now();
    long nowMs = 1_000;
    Random losing = new Random(0);
    double loss;
    Consumer<Integer> beforeStep = step -> {};
    Runnable beforeFrame = () -> {};
    int framesMax = Integer.MAX_VALUE;
    /** The number of the next round's session. */
    long session = 100;

    Shipped(Path from, Path into) {
        this.from = from;
        this.into = into;
    }

    ShipReceiver receiver() {
        if (receiver == null) {
            receiver = new ShipReceiver(
                    into,
                    receiving,
                    new ShipEvents() {
                        @Override
                        public void received(String name) {
                            received.add(name);
                        }

                        @Override
                        public void refused(ShipErrorCode cause, String text) {
                            refused.add(cause);
                            reasons.add(text);
                        }

                        @Override
                        public void finished(String target, long deleted) {}
                    },
                    earlyForce,
                    disk);
        }
        return receiver;
    }

    /** One round to its end. */
    ShipSummary ship() {
        ShipSender sender = sender();
        int step = 0;
        while (!sender.done()) {
            beforeStep.accept(step++);
            exchange(sender);
        }
        assertThat(sender.failure()).as("failure").isNull();
        return sender.summary();
    }

    ShipSender sender() {
        try {
            return new ShipSender(from, settings, memory, session++, 42, now, nowMs, sendersDisk);
        } catch (ShipException e) {
            throw new IllegalStateException(e.text(), e);
        }
    }

    /** One step: what the sender has to say, and the answers. */
    void exchange(ShipSender sender) {
        List<byte[]> frames = new ArrayList<>(sender.next(nowMs));
        while (sender.more()) {
            frames.addAll(sender.next(nowMs));
        }
        boolean heard = false;
        for (byte[] frame : frames) {
            if (framesMax-- <= 0) {
                return;
            }
            beforeFrame.run();
            byte[] answer = lost() ? null : receive(frame);
            if (answer != null && !lost()) {
                sender.receive(answer, nowMs);
                heard = true;
            }
        }
        nowMs += heard ? 1 : 500;
    }

    /** A frame that the receiver gets; its answer, or null. */
    byte[] receive(byte[] frame) {
        return receiver().receive(frame, nowMs);
    }

    private boolean lost() {
        return loss > 0 && losing.nextDouble() < loss;
    }

    void assertEqual() {
        assertThat(tree(into)).isEqualTo(tree(from));
    }

    /** What is in a folder: names, times, and contents by their hashes. */
    static Map<String, String> tree(Path root) {
        Map<String, String> tree = new TreeMap<>();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                    if (dir.endsWith(Names.PRIVATE)) {
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                    if (!dir.equals(root)) {
                        tree.put(name(dir), "folder " + attributes.lastModifiedTime());
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (attributes.isRegularFile()) {
                        tree.put(
                                name(file),
                                attributes.size() + " " + attributes.lastModifiedTime() + " "
                                        + Arrays.hashCode(Files.readAllBytes(file)));
                    }
                    return FileVisitResult.CONTINUE;
                }

                private String name(Path path) {
                    return root.toUri().relativize(path.toUri()).toString();
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tree;
    }

    static byte[] random(long seed, int length) {
        byte[] octets = new byte[length];
        new Random(seed).nextBytes(octets);
        return octets;
    }

    static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** The receiver forgets what it has in memory, as one that was restarted. */
    void restart() throws IOException {
        close();
    }

    @Override
    public void close() throws IOException {
        if (receiver != null) {
            receiver.close();
            receiver = null;
        }
    }
}
