/** The component with real sockets. */
@NullMarked
package io.bactrian.zeromq;

import org.jspecify.annotations.NullMarked;
