/**
 * The state of the hub and its clients that is not a message, in SQL tables: publishers and their epochs, subscribers, subscriptions
 * and cursors, and how far these tables reflect the log. May use {@code pubsub.core}, JDBC and spring-jdbc.
 */
@NullMarked
package io.bactrian.pubsub.store;

import org.jspecify.annotations.NullMarked;
