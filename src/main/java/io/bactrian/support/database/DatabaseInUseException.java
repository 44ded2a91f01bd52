package io.bactrian.support.database;

/** Says that another process has the file of a database open. */
public final class DatabaseInUseException extends StoreException {
    private static final long serialVersionUID = 1L;

    public DatabaseInUseException(String message, Throwable cause) {
        super(message, cause);
    }
}
