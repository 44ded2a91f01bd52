package io.bactrian.journal.log;

/**
 * A named place in a journal: the last position that its user has processed.
 *
 * <p>It is durable, but its file is written at intervals ({@link JournalSettings#cursorInterval()}): after a crash it may
 * lag behind, never lead, and what lies between is read again. It also never leads what is synced. Thread-safe.
 */
public final class Cursor {
    private final Journal journal;
    private final String name;
    private volatile long position;
    private volatile long durable;

    Cursor(Journal journal, String name, long position) {
        this.journal = journal;
        this.name = name;
        this.position = position;
        this.durable = position;
    }

    public String name() {
        return name;
    }

    /** The last position that was processed; 0 before the first. */
    public long position() {
        return position;
    }

    /** The position that is on the disk; segments above it are never deleted by retention. */
    public long durablePosition() {
        return durable;
    }

    /** Says that everything up to {@code to} has been processed. A position that is not above the last is ignored. */
    public void advance(long to) {
        if (to > journal.end()) {
            throw new IllegalArgumentException(
                    "cursor=" + name + " cannot be at position=" + to + ": the journal ends at " + journal.end());
        }
        synchronized (this) {
            position = Math.max(position, to);
        }
    }

    /** Puts the cursor anywhere, also back; the next entry to read is the one after {@code to}. */
    public void seek(long to) {
        if (to > journal.end() || to < journal.first() - 1) {
            throw new IllegalArgumentException("cursor=" + name + " cannot be at position=" + to
                    + ": the journal keeps " + journal.first() + " to " + journal.end());
        }
        synchronized (this) {
            position = to;
        }
        flush();
    }

    /** Writes the cursor's file now. */
    public void flush() {
        journal.writeCursor(this);
    }

    /** The journal has been cut, and the cursor's file with it. */
    synchronized void lower(long end) {
        position = Math.min(position, end);
        durable = Math.min(durable, end);
    }

    void written(long to) {
        durable = to;
    }
}
