package io.bactrian.pair.core;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The record of a pair that the witness keeps.
 *
 * @param epoch the highest that was granted, 0 if none
 * @param active who got it, null if nobody
 * @param version counts the changes, so that a request that comes late changes nothing
 * @param inStep the nodes that have everything that was acknowledged, so that they may take over
 */
public record WitnessRecord(int epoch, @Nullable Side active, long version, Set<Side> inStep) {
    public static final WitnessRecord NONE = new WitnessRecord(0, null, 0, Set.of());

    public WitnessRecord {
        inStep = Set.copyOf(inStep);
    }
}
