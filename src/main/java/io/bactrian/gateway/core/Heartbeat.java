package io.bactrian.gateway.core;

/**
 * The last heartbeat of a producer.
 *
 * @param id the producer, from 0 on
 * @param location where it is
 * @param address the address that it called from
 * @param receivedMs when the worker got it, in milliseconds since 1970, UTC
 * @param data any JSON value, as JSON text
 */
public record Heartbeat(long id, String location, String address, long receivedMs, String data) {
    private static final int UNIT = 1_024;

    /** Returns how much it counts where the number of heartbeats in memory is bounded: 1, and 1 more for each 1,024 characters. */
    public int weight() {
        return 1 + (location.length() + data.length()) / UNIT;
    }
}
