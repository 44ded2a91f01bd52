package io.bactrian.federation.core;

/**
 * The bounds and intervals of a node.
 *
 * @param heartbeatMs how often the parent pings, in ms
 * @param silentMs after so much silence a neighbour counts as gone, in ms
 * @param keysMax the most keys with values
 * @param valueBytesMax the largest value, in octets
 * @param deletionsMax how many deletions of each owner are remembered
 * @param commandsMax how many commands may wait for an answer, and how many past ones are remembered against repetition
 * @param commandAgeMaxMs a command that was sent longer ago, or so far in the future, is refused, in ms
 * @param batch how many keys go into one message
 */
public record NodeSettings(
        long heartbeatMs,
        long silentMs,
        int keysMax,
        int valueBytesMax,
        int deletionsMax,
        int commandsMax,
        long commandAgeMaxMs,
        int batch) {
    /** Returns the settings of the shipped configuration. */
    public static NodeSettings usual() {
        return new NodeSettings(1_000, 3_000, 1_000_000, 1 << 20, 10_000, 10_000, 600_000, 100);
    }
}
