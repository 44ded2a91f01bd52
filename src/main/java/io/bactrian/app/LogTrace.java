package io.bactrian.app;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;
import io.bactrian.support.text.Secrets;

/** The exception of a line of the log, without secrets. */
public final class LogTrace extends ThrowableProxyConverter {
    @Override
    protected String throwableProxyToString(IThrowableProxy proxy) {
        return Secrets.hide(super.throwableProxyToString(proxy));
    }
}
