package io.bactrian.gateway.routes;

/** The state of a worker that a balancer stores. */
enum Presence {
    /** It gets producers. */
    HERE,
    /** It gets no new producers until it is started again. */
    DRAINING,
    /** It has left. */
    GONE
}
