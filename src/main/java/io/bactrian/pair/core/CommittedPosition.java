package io.bactrian.pair.core;

/** How far the log may be relied on. The application hears of each move. */
final class CommittedPosition {
    private final Replica replica;
    private long position;

    CommittedPosition(Replica replica) {
        this.replica = replica;
    }

    long position() {
        return position;
    }

    /** Moves on to a position, if that is higher. */
    void raise(long to) {
        if (to > position) {
            move(to);
        }
    }

    /** Goes back to a position, if that is lower: what is above it will be other entries. */
    void lower(long to) {
        if (to < position) {
            move(to);
        }
    }

    private void move(long to) {
        position = to;
        replica.committed(to);
    }
}
