package io.bactrian.journal.log;

import java.nio.file.Path;

/**
 * Bytes of a journal are not what was written. Nothing is read past the damage; entries before it can still be read.
 *
 * <p>Restore the file from a backup or a replica, or look at it with {@code bactrian journal verify}.
 */
public final class JournalDamagedException extends JournalException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final long offset;

    public JournalDamagedException(Path file, long offset, String what) {
        super("file=" + file + " offset=" + offset + " damaged: " + what);
        this.file = file;
        this.offset = offset;
    }

    private JournalDamagedException(JournalDamagedException damage, String message) {
        super(message);
        this.file = damage.file;
        this.offset = damage.offset;
        initCause(damage);
        for (Throwable other : damage.getSuppressed()) {
            addSuppressed(other);
        }
    }

    /** The same, with what to do about it in the message. */
    JournalDamagedException withNextStep(Path folder) {
        return new JournalDamagedException(
                this,
                getMessage() + "; next: 'bactrian journal repair " + folder
                        + "' shows what can be saved, and repairs with --write while nothing has the journal open; or restore"
                        + " a backup");
    }

    /** The file that is damaged or missing. */
    public Path file() {
        return file;
    }

    /** Where in the file the damage begins, in bytes. */
    public long offset() {
        return offset;
    }
}
