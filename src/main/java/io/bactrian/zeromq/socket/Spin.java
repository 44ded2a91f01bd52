package io.bactrian.zeromq.socket;

/** A short wait for a thread that is about to do what is waited for. */
final class Spin {
    private Spin() {}

    /**
     * Lets other threads run, then returns at once. Cheaper than sleeping where the wait is a few
     * microseconds: on few cores a plain spin would keep the awaited thread from running.
     */
    @SuppressWarnings("ThreadPriorityCheck")
    static void yieldOnce() {
        Thread.yield();
    }
}
