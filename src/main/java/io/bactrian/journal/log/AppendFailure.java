package io.bactrian.journal.log;

import java.util.List;
import java.util.Locale;

/** Makes of what went wrong in an append what its caller is told. */
final class AppendFailure {
    // How Linux, macOS and Windows say it; Java has no exception of its own for a full disk.
    private static final List<String> NO_ROOM =
            List.of("no space left", "disk quota exceeded", "not enough space", "disk full");

    private AppendFailure() {}

    /** A new exception for each caller, so that its stack trace is the caller's own. */
    static JournalException of(Exception cause) {
        if (isFull(cause)) {
            return new JournalFullException(
                    "Not appended, no room on the disk: " + cause.getMessage()
                            + ". What is there is good; appends go on when there is room",
                    cause);
        }
        return new JournalException("Not appended: " + cause.getMessage(), cause);
    }

    static boolean isFull(Exception cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return NO_ROOM.stream().anyMatch(message::contains);
    }
}
