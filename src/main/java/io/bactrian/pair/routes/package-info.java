/** The beans of the routes in {@code routes/pair/}: a node of a pair and its log, and the witness. */
@NullMarked
package io.bactrian.pair.routes;

import org.jspecify.annotations.NullMarked;
