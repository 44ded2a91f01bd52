/** The outcome of an Exchange, and the items that are handed out to those who poll. */
@NullMarked
package io.bactrian.support.exchange;

import org.jspecify.annotations.NullMarked;
