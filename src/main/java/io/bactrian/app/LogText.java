package io.bactrian.app;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.bactrian.support.text.Secrets;

/** The message of a line of the log, without secrets: also what Camel and other libraries log. */
public final class LogText extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return Secrets.hide(event.getFormattedMessage());
    }
}
