/**
 * What makes delivery exactly-once and ordered: the publisher's window, the hub's intake and feed, the subscriber's
 * inbox. Every class here is a core of the form (state, event, now) to (state, actions): no threads, clocks, sockets
 * or Camel, so that a simulation can drive it through every order of loss, crash and restart.
 */
@NullMarked
package io.bactrian.pubsub.core;

import org.jspecify.annotations.NullMarked;
