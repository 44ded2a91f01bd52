/** The commands that put, get, subscribe and unsubscribe, over the Java API, and the benchmarks. */
@NullMarked
package io.bactrian.app.cli;

import org.jspecify.annotations.NullMarked;
