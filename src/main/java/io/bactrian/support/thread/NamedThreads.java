package io.bactrian.support.thread;

/**
 * Makes the threads of sockets, of journals and of clients. Where there is a CamelContext it is the context's, so that they have names by
 * its pattern and its listeners see them.
 */
@FunctionalInterface
public interface NamedThreads {
    /** Where there is no CamelContext: daemons that have just that name. */
    NamedThreads PLAIN = (name, work) -> {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    };

    /** A thread that does the work, not started. */
    Thread newThread(String name, Runnable work);
}
