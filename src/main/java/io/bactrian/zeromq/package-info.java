/** The Camel component {@code zeromq:}, which speaks ZMTP through {@code io.bactrian.zeromq.socket}. */
@NullMarked
package io.bactrian.zeromq;

import org.jspecify.annotations.NullMarked;
