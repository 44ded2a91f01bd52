package io.bactrian.pair.core;

/** The one number that a node must never forget, also when its log is cut. */
public interface PairStore {
    /** The highest epoch that was ever kept here, 0 if none. */
    int highestEpoch();

    /** Durable on return. */
    void keepHighestEpoch(int epoch);
}
