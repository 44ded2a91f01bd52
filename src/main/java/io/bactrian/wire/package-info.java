/** Every frame that crosses the wire: batches, commands and their codecs. Uses only the JDK. */
@NullMarked
package io.bactrian.wire;

import org.jspecify.annotations.NullMarked;
