/** The beans that the routes in {@code routes/federation/} name: the node with its journals, the topology file, clients. */
@NullMarked
package io.bactrian.federation.routes;

import org.jspecify.annotations.NullMarked;
