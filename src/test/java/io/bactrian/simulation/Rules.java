package io.bactrian.simulation;

/**
 * What the hub of a run does, beside what it always does.
 *
 * @param unsynced it syncs its log at intervals, so a power cut takes the end of it; or an older copy is put back
 * @param expires full topics have their slowest subscribers give up the oldest messages ({@code onFull=expire})
 * @param topicBytes how much of a topic it keeps for its subscribers
 */
record Rules(boolean unsynced, boolean expires, long topicBytes) {
    static final Rules NONE = new Rules(false, false, Long.MAX_VALUE);

    static Rules draw(World world) {
        boolean unsynced = world.chance(0.25);
        boolean expires = world.chance(0.2);
        boolean bounded = expires || world.chance(0.3);
        return new Rules(unsynced, expires, bounded ? 300 + world.draw(3000) : Long.MAX_VALUE);
    }

    /** Of hubs on a pair, which sync each append. */
    static Rules ofPair(World world) {
        Rules drawn = draw(world);
        return new Rules(false, drawn.expires(), drawn.topicBytes());
    }
}
