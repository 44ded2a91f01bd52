/**
 * Shipping as beans of its routes: they join the cores of {@code ship} with frames from the sockets, properties and
 * clocks. What flows is in {@code routes/ship/} and in the Kamelets {@code ship-source} and {@code ship-sink}.
 */
@NullMarked
package io.bactrian.ship.routes;

import org.jspecify.annotations.NullMarked;
