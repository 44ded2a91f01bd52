package io.bactrian.journal.log;

/** The position to be read is no longer kept. */
public final class JournalPurgedException extends JournalException {
    private static final long serialVersionUID = 1L;

    private final long first;

    public JournalPurgedException(long position, long first) {
        super("position=" + position + " is no longer kept: the oldest position is " + first);
        this.first = first;
    }

    /** The oldest position that is kept. */
    public long first() {
        return first;
    }
}
