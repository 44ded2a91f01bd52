/** Text that others read. */
@NullMarked
package io.bactrian.support.text;

import org.jspecify.annotations.NullMarked;
