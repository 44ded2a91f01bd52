/**
 * The journal: an append-only log in segment files, with named cursors, and the Camel component over it.
 *
 * <p>{@link io.bactrian.journal.Journal} is the core and knows nothing of Camel.
 */
@NullMarked
package io.bactrian.journal;

import org.jspecify.annotations.NullMarked;
