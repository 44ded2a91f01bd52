/** The field device of a node: what is read from it and written to it, and its life sign. */
@NullMarked
package io.bactrian.federation.device;

import org.jspecify.annotations.NullMarked;
