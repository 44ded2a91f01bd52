/** The client: put, get, subscribe and unsubscribe against a hub, and the {@code bactrian:} component over them. */
@NullMarked
package io.bactrian.pubsub.client;

import org.jspecify.annotations.NullMarked;
