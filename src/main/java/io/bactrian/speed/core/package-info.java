/** The speed-limit application: what its frames mean, the state that its log holds, and what a sensor does. Pure. */
@NullMarked
package io.bactrian.speed.core;

import org.jspecify.annotations.NullMarked;
