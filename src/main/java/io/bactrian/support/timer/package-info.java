/** Keeps the routes that a timer begins going, whatever the wall clock does. */
@NullMarked
package io.bactrian.support.timer;

import org.jspecify.annotations.NullMarked;
