/**
 * The hub as beans of its routes: they join the cores of {@code pubsub.core} with the journal, the database and the
 * sockets. Everything that flows is in {@code routes/pubsub/}; what is here keeps state between two steps of it.
 */
@NullMarked
package io.bactrian.pubsub.routes;

import org.jspecify.annotations.NullMarked;
