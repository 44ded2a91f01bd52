package io.bactrian.discovery.core;

/**
 * The identity and the addresses of this router.
 *
 * @param id its id, which lasts over restarts
 * @param gossip where it takes datagrams, {@code host:port}
 * @param register where nodes register, a ZeroMQ address
 * @param publications where publications are subscribed, a ZeroMQ address
 * @param incarnation higher at each start
 */
public record Self(String id, String gossip, String register, String publications, long incarnation) {}
