package io.bactrian.pair.hub;

import io.bactrian.journal.log.Entry;
import io.bactrian.pair.core.Replica;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Has a hub live where its pair is active: a life begins after each takeover, and has ended before the next one begins. The
 * pair tells what happens within its lock; what takes time is done elsewhere, one step after the other in that order.
 *
 * <p>It also says how far the hub may rely on its log. When the pair steps down, that stays where it is until the life has ended, as what
 * another node commits under the same positions may be something else.
 *
 * <p>Thread-safe.
 */
public final class HubReplica implements Replica {
    /** The hub, as far as its pair decides about it. */
    public interface Lives {
        /** Ends the present life, if there is one. On return nothing of it is under way. */
        void stepDown();

        /** Begins a life, if there is none; throws if the log or the database fails. */
        void activate();

        /**
         * Follows the log as far as it is committed; throws if the log or the database fails.
         *
         * @param keeps whether the database does too
         */
        void follow(boolean keeps);

        /** Has answers leave that were waiting, if there is a life. Quick. */
        void committedMoved();
    }

    /** Where the steps are done. */
    public interface TakeoverSteps {
        /** After all that was given before. */
        void next(Runnable step);

        /** The same after a while. */
        void later(Runnable step, long ms);

        /** A step did not succeed. */
        void failed(String what, RuntimeException cause);

        /** A step succeeded, so nothing is wrong any more. */
        void succeeded();
    }

    private static final long FOLLOW_MS = 100;
    private static final long RETRY_MS = 500;

    private final Lives hub;
    private final IntPredicate open;
    private final TakeoverSteps steps;
    // Guarded by this.
    private long committed;
    /** While lives are to be ended, the hub relies on no more than this. */
    private long held = Long.MAX_VALUE;

    private int ending;

    private boolean followDue;

    /**
     * For a hub that is passive.
     *
     * @param open opens the log to appends in an epoch; false if the pair is not active in it any more
     */
    public HubReplica(Lives hub, IntPredicate open, TakeoverSteps steps) {
        this.hub = hub;
        this.open = open;
        this.steps = steps;
    }

    /** How far the hub may rely on its log, which ends at {@code end}. */
    public synchronized long gate(long end) {
        return Math.min(end, Math.min(committed, held));
    }

    /** They are read from the log, soon. */
    @Override
    public void copied(List<Entry> entries) {
        synchronized (this) {
            if (followDue) {
                return;
            }
            followDue = true;
        }
        steps.later(this::followOn, FOLLOW_MS);
    }

    private void followOn() {
        synchronized (this) {
            followDue = false;
        }
        follow(false);
    }

    @Override
    public void rebuild() {
        steps.next(() -> follow(true));
    }

    private void follow(boolean keeps) {
        attempt("follow its log", () -> hub.follow(keeps));
    }

    @Override
    public void activated(int epoch) {
        steps.next(() -> activate(epoch));
    }

    private void activate(int epoch) {
        hub.stepDown();
        if (open.test(epoch) && !attempt("become active", hub::activate)) {
            steps.later(() -> activate(epoch), RETRY_MS);
        }
    }

    private boolean attempt(String what, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            // Whatever it is, also a record of a later version: the thread would swallow it, and the pair would wait.
            steps.failed(what, e);
            return false;
        }
        steps.succeeded();
        return true;
    }

    @Override
    public void deactivated() {
        synchronized (this) {
            held = Math.min(held, committed);
            ending++;
        }
        steps.next(() -> {
            hub.stepDown();
            ended();
        });
    }

    private synchronized void ended() {
        ending--;
        if (ending == 0) {
            held = Long.MAX_VALUE;
        }
    }

    @Override
    public void committed(long position) {
        synchronized (this) {
            committed = position;
            if (ending > 0) {
                held = Math.min(held, position); // above it the log is cut, and another node's entries follow
            }
        }
        hub.committedMoved();
    }
}
