/**
 * Decides what a node of a pair does: Binary Star's roles, epochs, the copy of a log, and the witness. Pure: time comes with
 * each call, and what is to be sent goes to an {@link io.bactrian.pair.core.Outbox}.
 */
@NullMarked
package io.bactrian.pair.core;

import org.jspecify.annotations.NullMarked;
