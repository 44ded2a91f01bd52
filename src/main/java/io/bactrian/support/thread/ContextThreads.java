package io.bactrian.support.thread;

import org.apache.camel.CamelContext;

/** The threads of a CamelContext: their names are by its pattern, and its listeners see them. */
public final class ContextThreads implements NamedThreads {
    private final CamelContext camel;

    public ContextThreads(CamelContext camel) {
        this.camel = camel;
    }

    @Override
    public Thread newThread(String name, Runnable work) {
        // Camel takes #word# for a placeholder that it does not know.
        return camel.getExecutorServiceManager().newThread(name.replace('#', '-'), work);
    }
}
