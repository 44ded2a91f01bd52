package io.bactrian.simulation;

/**
 * What the hub of a run does, beside what it always does.
 *
 * @param unsynced it syncs its log at intervals, so a power cut takes the end of it; or an older copy is put back
 * @param expires full topics have their slowest subscribers give up the oldest messages ({@code onFull=expire})
 */
record Rules(boolean unsynced, boolean expires) {}
