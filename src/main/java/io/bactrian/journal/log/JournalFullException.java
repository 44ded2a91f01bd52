package io.bactrian.journal.log;

import org.jspecify.annotations.Nullable;

/** An append failed for want of room on the disk. What is there is good; an append succeeds when there is room again. */
public final class JournalFullException extends JournalException {
    private static final long serialVersionUID = 1L;

    public JournalFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
