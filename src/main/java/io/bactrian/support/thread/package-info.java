/** Threads, made by the CamelContext where there is one. */
@NullMarked
package io.bactrian.support.thread;

import org.jspecify.annotations.NullMarked;
