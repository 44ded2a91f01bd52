package io.bactrian.federation.core;

/**
 * The place of a change among all changes of one owner. The epoch grows with each life of the owner, the number with each
 * change; a number never goes back, also not in a new epoch.
 *
 * @param epoch the life of the owner, from 1; 0 if nothing is known
 * @param number the change, from 1; 0 if nothing is known
 */
public record StateVersion(long epoch, long number) implements Comparable<StateVersion> {
    /** Nothing is known. */
    public static final StateVersion NONE = new StateVersion(0, 0);

    @Override
    public int compareTo(StateVersion other) {
        int byEpoch = Long.compare(epoch, other.epoch);
        return byEpoch != 0 ? byEpoch : Long.compare(number, other.number);
    }

    /** Whether this one is later. */
    public boolean after(StateVersion other) {
        return compareTo(other) > 0;
    }

    /** Reads {@code epoch.number}; {@link IllegalArgumentException} if it is something else. */
    public static StateVersion parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 1) {
            throw new IllegalArgumentException("a version is EPOCH.NUMBER, not '" + text + "'");
        }
        StateVersion version =
                new StateVersion(Long.parseLong(text.substring(0, dot)), Long.parseLong(text.substring(dot + 1)));
        if (version.epoch < 0 || version.number < 0) {
            throw new IllegalArgumentException("a version is not negative: " + text);
        }
        return version;
    }

    @Override
    public String toString() {
        return epoch + "." + number;
    }
}
