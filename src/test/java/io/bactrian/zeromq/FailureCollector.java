package io.bactrian.zeromq;

import java.util.Queue;
import org.apache.camel.Exchange;
import org.apache.camel.spi.ExceptionHandler;

/** Keeps the messages of what a consumer reports. */
record FailureCollector(Queue<String> failures) implements ExceptionHandler {
    @Override
    public void handleException(Throwable exception) {
        failures.add(exception.getMessage());
    }

    @Override
    public void handleException(String message, Throwable exception) {
        failures.add(exception.getMessage());
    }

    @Override
    public void handleException(String message, Exchange exchange, Throwable exception) {
        failures.add(exception.getMessage());
    }
}
