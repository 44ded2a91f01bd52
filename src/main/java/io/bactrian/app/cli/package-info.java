/** The commands of the command line. */
@NullMarked
package io.bactrian.app.cli;

import org.jspecify.annotations.NullMarked;
