package io.bactrian.ship.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A process that ships one folder into another, and kills itself before a certain step of that. */
final class KilledNode {
    /** What only grows, in the folders of the test. */
    static final String APPEND_ONLY = "*.log";

    private final long killBefore;
    private long steps;

    private KilledNode(long killBefore) {
        this.killBefore = killBefore;
    }

    /** From, into, and the number of the step; it says how many steps it took if that is larger. */
    public static void main(String[] args) throws IOException {
        KilledNode node = new KilledNode(Long.parseLong(args[2]));
        try (Shipped shipped = new Shipped(Path.of(args[0]), Path.of(args[1]))) {
            shipped.settings = settings();
            shipped.receiving = new ReceiverSettings(true, true, 1 << 16, 16, 1000, 1L << 40, 128, 10_000);
            shipped.beforeFrame = node::step;
            shipped.disk = new WatchedDisk() {
                @Override
                void beforeChange(String step) {
                    node.step();
                }
            };
            shipped.ship();
        }
        System.out.println("steps " + node.steps);
    }

    static ShipSettings settings() {
        return new ShipSettings("", true, "xxh128", 0, 0, List.of(APPEND_ONLY), 1000, 60_000, false);
    }

    private void step() {
        if (++steps == killBefore) {
            try {
                String self = String.valueOf(ProcessHandle.current().pid());
                new ProcessBuilder("kill", "-9", self).inheritIO().start();
                new CountDownLatch(1).await();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException("it lives on", e);
            }
        }
    }
}
