package io.bactrian.testing;

import java.util.stream.LongStream;

/**
 * The seeds of a simulation, as properties choose them: {@code <name>.seeds} says how many, {@code <name>.from} the first, and
 * {@code <name>.seed} replays only this one.
 *
 * @param isReplay whether one is replayed: what many runs show together is not to be looked for then
 */
public record Seeds(long first, long count, boolean isReplay) {
    /** Those of a simulation, with what holds where no property says otherwise. */
    public static Seeds of(String name, long first, long count) {
        Long replayed = Long.getLong(name + ".seed");
        return replayed == null
                ? new Seeds(Long.getLong(name + ".from", first), Long.getLong(name + ".seeds", count), false)
                : new Seeds(replayed, 1, true);
    }

    /** As many seeds as this share of them, but at least one. */
    public Seeds part(int divisor) {
        return new Seeds(first, Math.max(1, count / divisor), isReplay);
    }

    /** One after the other. */
    public LongStream stream() {
        return LongStream.range(first, first + count);
    }
}
