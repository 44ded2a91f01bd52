package io.bactrian.simulation;

/**
 * What the hub of a run does, beside what it always does.
 *
 * @param unsynced it syncs its log at intervals, so a power cut takes the end of it; or an older copy is put back
 * @param expires full topics have their slowest subscribers give up the oldest messages ({@code onFull=expire})
 * @param topicBytes how much of a topic it keeps for its subscribers
 */
record HubRules(boolean unsynced, boolean expires, long topicBytes) {
    static final HubRules NONE = new HubRules(false, false, Long.MAX_VALUE);

    static HubRules draw(World world) {
        boolean unsynced = world.chance(0.25);
        boolean expires = world.chance(0.2);
        boolean bounded = expires || world.chance(0.3);
        return new HubRules(unsynced, expires, bounded ? 300 + world.draw(3000) : Long.MAX_VALUE);
    }

    /** Of hubs on a pair, which sync each append. */
    static HubRules ofPair(World world) {
        HubRules drawn = draw(world);
        return new HubRules(false, drawn.expires(), drawn.topicBytes());
    }
}
