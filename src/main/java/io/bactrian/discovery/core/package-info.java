/**
 * The decisions of a router of the discovery: who is registered, who is alive, what is told to whom, and who takes over.
 * There are no threads, clocks, sockets and no Camel in here; time and randomness are passed in.
 */
@NullMarked
package io.bactrian.discovery.core;

import org.jspecify.annotations.NullMarked;
