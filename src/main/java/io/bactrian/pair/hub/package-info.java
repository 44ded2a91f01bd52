/** The durable hub on a pair: its log is copied, and it is active where the pair is. */
@NullMarked
package io.bactrian.pair.hub;

import org.jspecify.annotations.NullMarked;
