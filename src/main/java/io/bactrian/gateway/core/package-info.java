/**
 * The decisions of the gateway: which worker serves a producer, when a worker is out, what a heartbeat is. Nothing here has threads,
 * clocks, sockets or Camel; time and randomness are passed in.
 */
@NullMarked
package io.bactrian.gateway.core;

import org.jspecify.annotations.NullMarked;
