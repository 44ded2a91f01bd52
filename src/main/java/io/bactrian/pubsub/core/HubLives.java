package io.bactrian.pubsub.core;

import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The lives of a hub over one log and one database, one after the other. A life serves from {@link #activate} until it is
 * retired; between two of them the hub is passive, and answers that.
 *
 * <p>Thread-safe.
 */
public final class HubLives {
    private final Supplier<HubMachine> unborn;
    private volatile HubMachine present;

    /** A hub that is passive; {@code unborn} makes a machine that has not started. */
    public HubLives(Supplier<HubMachine> unborn) {
        this.unborn = unborn;
        present = unborn.get();
    }

    /** The present life, or one that has not begun. */
    public HubMachine present() {
        return present;
    }

    /**
     * Begins a life. Does nothing if there is one.
     *
     * @return how many entries of the log were read; empty if there was a life
     * @throws RuntimeException if the log or the database fails; the hub is passive then
     */
    public synchronized OptionalLong activate(HubLife life, long nowMs) {
        if (present.isActive()) {
            return OptionalLong.empty();
        }
        HubMachine next = unborn.get();
        long scanned = next.start(life, nowMs);
        present = next;
        return OptionalLong.of(scanned);
    }

    /**
     * Ends the present life: clients are told that from now on.
     *
     * @return true if nothing of it is under way to the log any more; otherwise to be called again
     */
    public boolean retire() {
        return present.retire();
    }

    /** Forgets a life that was retired, after its last change of the database. */
    public synchronized void bury(long nowMs) {
        HubMachine last = present;
        present = unborn.get();
        last.ended(nowMs);
    }

    /** Brings the database of a passive hub up to what is committed; see {@link HubMachine#follow}. */
    public synchronized void follow(long nowMs) {
        if (!present.isActive()) {
            unborn.get().follow(nowMs);
        }
    }
}
