package io.bactrian.app.bench;

/** Sends messages into what is measured, from threads of its own. */
interface Source extends AutoCloseable {

    /** Sends that many as fast as it goes. Returns when all are handed over. */
    void burst(byte[] body, long messages) throws Exception;

    /** Sends one after the arrival of the other. Returns the time of each from send to arrival, in nanoseconds. */
    long[] oneAtATime(byte[] body, int messages, Meter meter) throws Exception;

    @Override
    void close();
}
