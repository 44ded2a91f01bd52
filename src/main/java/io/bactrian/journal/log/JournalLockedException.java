package io.bactrian.journal.log;

/** The folder of a journal is in use by another writer, in this process or in another. */
public final class JournalLockedException extends JournalException {
    private static final long serialVersionUID = 1L;

    public JournalLockedException(String message) {
        super(message);
    }
}
