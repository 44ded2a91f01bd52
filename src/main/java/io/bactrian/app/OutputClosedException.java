package io.bactrian.app;

/** The reader of standard output has ended, as head does; a command ends then without a word. */
public final class OutputClosedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public OutputClosedException(Throwable cause) {
        super(cause);
    }
}
