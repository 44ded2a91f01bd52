/** The programme: command line and main. May use every other package. */
@NullMarked
package io.bactrian.app;

import org.jspecify.annotations.NullMarked;
