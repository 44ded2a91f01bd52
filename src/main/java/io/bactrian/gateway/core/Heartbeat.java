package io.bactrian.gateway.core;

/**
 * What a producer has last said.
 *
 * @param id the producer, from 0 on
 * @param location where it is
 * @param address the address that it called from
 * @param receivedMs when the worker got it, in milliseconds since 1970, UTC
 * @param data any JSON value, as JSON text
 */
public record Heartbeat(long id, String location, String address, long receivedMs, String data) {}
