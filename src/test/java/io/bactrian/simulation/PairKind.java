package io.bactrian.simulation;

/** Kinds of pairs, which promise more or less. */
enum PairKind {
    /** With a witness, and acknowledgements that wait for the peer: nothing that was acknowledged is ever lost. */
    WITNESS(true, true),
    /** Without a witness both nodes may accept while they do not hear each other; what the lower epoch accepted is lost. */
    CLASSIC(false, true),
    /** A takeover loses what was on its way to the peer. */
    WITNESS_ASYNC(true, false),
    /** Both of it. */
    CLASSIC_ASYNC(false, false);

    private final boolean witnessed;
    private final boolean sync;

    PairKind(boolean witnessed, boolean sync) {
        this.witnessed = witnessed;
        this.sync = sync;
    }

    /** The kind that a seed runs: six of ten keep everything. */
    static PairKind of(long seed) {
        return switch ((int) Math.floorMod(seed, 10L)) {
            case 7, 8 -> CLASSIC;
            case 9 -> WITNESS_ASYNC;
            case 0 -> CLASSIC_ASYNC;
            default -> WITNESS;
        };
    }

    boolean witnessed() {
        return witnessed;
    }

    boolean sync() {
        return sync;
    }

    /** Whether nothing that was acknowledged is ever lost. */
    boolean keepsAll() {
        return this == WITNESS;
    }
}
