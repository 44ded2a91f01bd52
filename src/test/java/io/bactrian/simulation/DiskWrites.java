package io.bactrian.simulation;

import java.io.Serial;

/** The durable writes of a process, each of which may be its end: the process then dies before it, within it, or right after it. */
final class DiskWrites {
    /** The process has died in the middle of something. */
    static final class ProcessDied extends Error {
        @Serial
        private static final long serialVersionUID = 1L;
    }

    private final World world;
    private double deaths;
    private boolean dying;

    DiskWrites(World world) {
        this.world = world;
    }

    /** How often the process dies at a write from now on. */
    void deaths(double rate) {
        deaths = rate;
    }

    /** Makes a change that happens whole or not at all. */
    void change(Runnable change) {
        int done = done(1);
        if (done > 0) {
            change.run();
        }
        ended();
    }

    /** How many of several changes, one after the other, come to the disk; {@link #ended} is to be called when they are there. */
    int done(int changes) {
        dying = world.chance(deaths);
        return dying ? world.draw(changes + 1) : changes;
    }

    /** Dies, if the last write was to be the end. */
    void ended() {
        if (dying) {
            dying = false;
            throw new ProcessDied();
        }
    }
}
