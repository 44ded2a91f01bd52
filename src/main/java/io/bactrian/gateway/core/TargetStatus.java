package io.bactrian.gateway.core;

/**
 * A target as an operator sees it.
 *
 * @param name its name or address
 * @param state whether it gets anything
 * @param assigned how many keys it has
 */
public record TargetStatus(String name, State state, long assigned) {
    /** Why a target gets nothing, or {@link #UP}. */
    public enum State {
        /** It is used. */
        UP,
        /** It has asked for no more. */
        DRAINING,
        /** It had too many errors in a row. */
        EJECTED,
        /** Health checks fail. */
        DOWN
    }
}
