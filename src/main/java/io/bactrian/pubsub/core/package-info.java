/**
 * The parts that make delivery exactly-once and ordered: the publisher's window, the hub's intake and feed, the subscriber's
 * inbox. The cores have the form (state, event, now) to (state, actions), and {@code HubMachine} owns the order in which
 * those of a hub are used: no threads, clocks, sockets or Camel, so that a simulation can drive it through every order of loss,
 * crash and restart.
 */
@NullMarked
package io.bactrian.pubsub.core;

import org.jspecify.annotations.NullMarked;
