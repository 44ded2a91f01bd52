/**
 * The decisions of a node of a federation: the topology, the replicated state, commands, liveness, alarms and history. Pure:
 * no threads, clocks, sockets and no Camel; time and randomness are passed in.
 */
@NullMarked
package io.bactrian.federation.core;

import org.jspecify.annotations.NullMarked;
