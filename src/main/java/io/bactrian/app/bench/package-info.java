/** Measurements against bare libraries, in the same run. */
@NullMarked
package io.bactrian.app.bench;

import org.jspecify.annotations.NullMarked;
