/** Nodes of a federation: in one process, in processes of their own, and simulated. */
@NullMarked
package io.bactrian.federation;

import org.jspecify.annotations.NullMarked;
