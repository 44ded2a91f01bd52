/** Files that must be whole, durable, or used by one process at a time. */
@NullMarked
package io.bactrian.support.file;

import org.jspecify.annotations.NullMarked;
