package io.bactrian.discovery.core;

/**
 * How well this router hears the others (Lifeguard, section IV-A): 0 is well; a router that is slow or cut off has a higher
 * number, and waits so many times longer before it blames others.
 */
final class LocalHealth {
    private final int max;
    private int score;

    /** @param max the highest score */
    LocalHealth(int max) {
        this.max = max;
    }

    int score() {
        return score;
    }

    /** How many times longer others are waited for, at least 1. */
    int slowness() {
        return score + 1;
    }

    void worse() {
        score = Math.min(max, score + 1);
    }

    void better() {
        score = Math.max(0, score - 1);
    }

    /** Nobody is left who could show that this router is well. */
    void reset() {
        score = 0;
    }
}
