package io.bactrian.gateway.core;

/** Says that a bound of the configuration is reached, and which one. */
public final class CapacityException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CapacityException(String message) {
        super(message, null, false, false);
    }
}
