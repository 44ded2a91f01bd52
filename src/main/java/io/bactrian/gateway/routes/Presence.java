package io.bactrian.gateway.routes;

/** What a balancer keeps of a worker. */
enum Presence {
    /** It gets producers. */
    HERE,
    /** It gets no new producers until it is started again. */
    DRAINING,
    /** It has left. */
    GONE
}
