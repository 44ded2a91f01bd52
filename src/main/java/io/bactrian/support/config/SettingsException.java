package io.bactrian.support.config;

/** Properties of a capability are wrong; the message lists every problem with what would be right, so it needs no cause around it. */
public final class SettingsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    SettingsException(String message) {
        super(message);
    }
}
