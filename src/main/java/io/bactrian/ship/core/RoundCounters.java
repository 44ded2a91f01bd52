package io.bactrian.ship.core;

import java.util.ArrayList;
import java.util.List;

/** Counts what a sender's round does. One thread. */
final class RoundCounters {
    private static final int PROBLEMS_MAX = 1_000;

    long files;
    long folders;
    long bytes;
    long wantedBytes;
    long doneBytes;
    long shipped;
    long shippedBytes;
    long literalBytes;
    long matchedBytes;
    long deleted;
    long skipped;
    long vanished;
    long sentBytes;
    long receivedBytes;
    long repeated;
    private final List<String> problems = new ArrayList<>();
    private long moreProblems;

    void problem(String text) {
        if (problems.size() < PROBLEMS_MAX) {
            problems.add(text);
        } else {
            moreProblems++;
        }
    }

    /** An entry that was counted is not shipped. */
    void leaveOut(FolderEntry entry) {
        skipped++;
        if (entry.folder()) {
            folders--;
        } else {
            files--;
            bytes -= entry.size();
        }
    }

    ShipSummary summary(long tookMs) {
        List<String> all = new ArrayList<>(problems);
        if (moreProblems > 0) {
            all.add("and " + moreProblems + " more");
        }
        return new ShipSummary(
                files,
                folders,
                bytes,
                shipped,
                shippedBytes,
                literalBytes,
                matchedBytes,
                deleted,
                skipped,
                vanished,
                sentBytes,
                receivedBytes,
                repeated,
                tookMs,
                all);
    }
}
