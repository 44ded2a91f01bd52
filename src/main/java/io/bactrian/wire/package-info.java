/** The frames between a hub and its clients: batches, commands and their codecs. Uses only the JDK. */
@NullMarked
package io.bactrian.wire;

import org.jspecify.annotations.NullMarked;
