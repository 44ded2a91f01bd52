package io.bactrian.federation.core;

import java.util.List;

/** The journal of the history, to read. */
public interface HistoryLog {
    /** Nothing is recorded. */
    HistoryLog NONE = new HistoryLog() {
        @Override
        public long end() {
            return 0;
        }

        @Override
        public List<HistoryEntry> read(long after, int bytesMax) {
            return List.of();
        }
    };

    /** The last position that is on the disk; entries take one position each, from 1. */
    long end();

    /** The entries after a position, up to so many octets but at least one if there is any. */
    List<HistoryEntry> read(long after, int bytesMax);
}
