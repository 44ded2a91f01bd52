/**
 * The Camel component {@code journal:} over an append-only log in segment files, which {@code journal.log} holds.
 */
@NullMarked
package io.bactrian.journal;

import org.jspecify.annotations.NullMarked;
