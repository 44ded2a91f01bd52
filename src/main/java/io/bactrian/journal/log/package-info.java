/** The core of the journal: segment files, recovery, cursors. It knows nothing of Camel. */
@NullMarked
package io.bactrian.journal.log;

import org.jspecify.annotations.NullMarked;
