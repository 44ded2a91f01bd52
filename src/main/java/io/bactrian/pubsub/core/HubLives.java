package io.bactrian.pubsub.core;

import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lives of a hub over one log and one database, one after the other. A life serves from {@link #activate} until it is
 * retired; between two of them the hub is passive, and answers that.
 *
 * <p>Thread-safe.
 */
public final class HubLives {
    private final Supplier<HubMachine> unborn;
    private volatile HubMachine present;
    /** While the hub is passive: has followed the log, and may begin the next life. Guarded by this. */
    private @Nullable HubMachine following;

    private final LateRequests late = new LateRequests();

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
        HubMachine next = following;
        following = null;
        if (next == null || !next.readOn(true)) {
            next = unborn.get();
        }
        long scanned = next.start(life, nowMs);
        present = next;
        next.greet(late.take(nowMs), nowMs);
        return OptionalLong.of(scanned);
    }

    /**
     * Has a life answer the requests of a round, see {@link HubMachine#greet}. Whom it refuses as it is not active, the next
     * life answers as it begins; its answers are then among the first {@link HubMachine#acknowledgements}.
     */
    public void greet(HubMachine life, IntakeRound round, long nowMs) {
        life.greet(round, nowMs);
        if (!life.isActive()) {
            late.add(round, nowMs);
        }
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

    /**
     * Has a passive hub follow its log, so that it can be active at once.
     *
     * @param keeps whether the database is brought up to what is committed too
     * @throws RuntimeException if the log or the database fails; to be called again
     */
    public synchronized void follow(boolean keeps, long nowMs) {
        if (present.isActive()) {
            return;
        }
        HubMachine former = following;
        following = null;
        HubMachine next = former != null && former.readOn(false) ? former : unborn.get();
        if (next.follow(next == former ? null : former, keeps, nowMs)) {
            following = next;
        }
    }
}
