package io.bactrian.journal.log;

import org.jspecify.annotations.Nullable;

/** Something that a journal could not do; the message says what, where, and what is still good. */
public class JournalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    public JournalException(String message) {
        super(message);
    }
}
