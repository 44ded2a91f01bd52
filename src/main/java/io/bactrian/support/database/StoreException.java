package io.bactrian.support.database;

/** Says that a database could not be opened, read or written, in words that name the database and what was asked of it. */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
