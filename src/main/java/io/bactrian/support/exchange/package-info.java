/** What has become of an Exchange, and what is handed out to those who poll. */
@NullMarked
package io.bactrian.support.exchange;

import org.jspecify.annotations.NullMarked;
