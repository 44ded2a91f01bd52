package io.bactrian.federation.core;

/**
 * One point of a time series, or one event.
 *
 * @param origin the process that recorded it
 * @param number its place among all that the process has recorded, from 1 without a gap
 * @param atMs when, in ms since 1970, by the clock of the origin
 * @param name the series, such as {@code tunnel.north.fan.speed}, or the kind of event
 * @param value the number, or NaN for an event
 * @param text the sentence of an event, or empty
 */
public record HistoryRecord(String origin, long number, long atMs, String name, double value, String text) {}
