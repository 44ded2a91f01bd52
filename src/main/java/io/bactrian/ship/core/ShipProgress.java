package io.bactrian.ship.core;

/**
 * How far a round of shipping is.
 *
 * @param files files in the folder
 * @param wantedBytes octets of the files that the receiver wants, as far as it has said
 * @param doneBytes octets of those that are told
 * @param sentBytes octets sent, with the framing of ZeroMQ
 * @param receivedBytes octets received
 */
public record ShipProgress(long files, long wantedBytes, long doneBytes, long sentBytes, long receivedBytes) {}
