/** Faults in real processes. */
@NullMarked
package io.bactrian.faults;

import org.jspecify.annotations.NullMarked;
