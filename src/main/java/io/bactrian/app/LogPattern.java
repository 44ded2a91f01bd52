package io.bactrian.app;

import ch.qos.logback.core.PropertyDefinerBase;

/** The layout of a line of the log: coloured on a terminal, plain everywhere else. */
public final class LogPattern extends PropertyDefinerBase {
    private static final String PLAIN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5level %logger{0} %text%n%trace{12}";
    private static final String COLOURED =
            "%gray(%d{HH:mm:ss.SSS}) %highlight(%-5level) %cyan(%logger{0}) %text%n%trace{12}";

    @Override
    public String getPropertyValue() {
        return Terminal.coloured() ? COLOURED : PLAIN;
    }
}
