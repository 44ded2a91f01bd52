/** Measurements. Their raw loops use {@code org.zeromq} directly, to have something to compare with. */
@NullMarked
package io.bactrian.app.bench;

import org.jspecify.annotations.NullMarked;
