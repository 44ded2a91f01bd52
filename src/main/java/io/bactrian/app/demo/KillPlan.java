package io.bactrian.app.demo;

import java.util.Map;

/**
 * The plan for the primary of a demonstration: killed when it is active and its peer is in step, started again after a
 * while, and handed the work when it is in step. No threads, no clocks.
 */
final class KillPlan {
    /** What is to be done. */
    enum Step {
        NOTHING,
        KILL,
        START,
        HAND_BACK
    }

    private final long everyMs;
    private final long awayMs;
    private boolean met;
    private boolean away;
    private long killedMs;
    private long kills;

    /**
     * Nothing has happened yet.
     *
     * @param everyMs at least so long from one kill to the next
     * @param awayMs so long the primary is not started again
     */
    KillPlan(long everyMs, long awayMs) {
        this.everyMs = everyMs;
        this.awayMs = awayMs;
    }

    long kills() {
        return kills;
    }

    boolean primaryAway() {
        return away;
    }

    /**
     * Decides from what both servers say of themselves, empty if one does not answer.
     *
     * @param nowMs of any clock that never goes back
     */
    Step next(Map<String, Object> primary, Map<String, Object> backup, long nowMs) {
        boolean primaryServes = isActiveInStep(primary);
        if (away) {
            if (nowMs - killedMs < awayMs || !"ACTIVE".equals(backup.get("role"))) {
                return Step.NOTHING;
            }
            away = false;
            return Step.START;
        }
        if (primaryServes && !met) {
            met = true;
            killedMs = nowMs; // from now on they are counted
        }
        if (primaryServes && nowMs - killedMs >= everyMs) {
            away = true;
            killedMs = nowMs;
            kills++;
            return Step.KILL;
        }
        return isActiveInStep(backup) && "PASSIVE".equals(primary.get("role")) ? Step.HAND_BACK : Step.NOTHING;
    }

    private static boolean isActiveInStep(Map<String, Object> node) {
        return "ACTIVE".equals(node.get("role")) && "IN".equals(node.get("peerStanding"));
    }
}
