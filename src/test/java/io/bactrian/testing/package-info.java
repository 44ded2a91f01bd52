/** Help for tests. */
@NullMarked
package io.bactrian.testing;

import org.jspecify.annotations.NullMarked;
